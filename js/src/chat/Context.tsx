import type { SessionData } from "../protocol";
import { count, dollars } from "../ui/amounts";

/** What the next question would not be sent with, said before it is asked. */
export function LeftOut({ session }: { session: SessionData }) {
  return (
    <div class="pl-left-out" aria-live="polite">
      {session.left_out}
    </div>
  );
}

/** How full the model's context is, and what the conversation has cost so far. */
export function Context({ session }: { session: SessionData }) {
  const { context_tokens: used, context_window: size, cost } = session;
  const part = used != null && size ? Math.min(1, used / size) : null;
  const said = [];
  if (used != null) {
    said.push(
      size ? `${count(used)} of ${count(size)} tokens` : `${count(used)} tokens`,
    );
  }
  if (cost != null) said.push(dollars(cost));
  if (said.length === 0) return <span class="pl-context" />;
  return (
    <span
      class={part !== null && part > 0.85 ? "pl-context pl-context-full" : "pl-context"}
      title="Tokens of the conversation so far, and what its answers have cost"
    >
      {part !== null && (
        <svg
          class="pl-ring"
          viewBox="0 0 16 16"
          width="12"
          height="12"
          aria-hidden="true"
        >
          <circle cx="8" cy="8" r="6" pathLength="100" />
          <circle
            cx="8"
            cy="8"
            r="6"
            pathLength="100"
            style={{ strokeDasharray: `${Math.max(2, 100 * part)} 100` }}
          />
        </svg>
      )}
      <span>{said.join(" · ")}</span>
    </span>
  );
}
