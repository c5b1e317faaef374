import { Banner, Button } from "../kit";
import type { MemoryLine, MemoryProposal } from "../protocol";
import { scrolling } from "../ui/scrolling";
import type { Actions } from "./actions";

const WORDS = { "-": "Removed: ", "+": "Added: ", " ": "" } as const;
const SIGNS = { "-": "−", "+": "+", " ": "" } as const;
const KINDS = { "-": "gone", "+": "new", " ": "same" } as const;

function Line({ mark, text }: MemoryLine) {
  return (
    <div class={`pl-memory-line pl-memory-${KINDS[mark]}`}>
      <span class="pl-memory-sign" aria-hidden="true">
        {SIGNS[mark]}
      </span>
      <span class="pl-memory-words" dir="auto">
        {WORDS[mark] && <span class="pl-hidden">{WORDS[mark]}</span>}
        {text || " "}
      </span>
    </div>
  );
}

interface Props {
  proposal: MemoryProposal;
  can: Actions;
  disabled: boolean;
}

/** What a model, or the plain way, would change; nothing is changed until it is accepted. */
export function Proposal({ proposal, can, disabled }: Props) {
  const { verb, wanted, lines, model, note, stale } = proposal;
  const how = model
    ? `Rewritten by ${model}.`
    : verb === "remember"
      ? "Your text is added as it is."
      : "The lines that have your text are removed.";
  return (
    <section class="pl-memory-proposal" aria-label="Proposed change">
      <div class="pl-memory-head">
        <h2>
          {verb === "remember" ? "Remember" : "Forget"}: <q>{wanted}</q>
        </h2>
      </div>
      <p class="pl-quiet">{[note, how].filter(Boolean).join(" ")}</p>
      <div class="pl-memory-diff" {...scrolling("The change, line by line")}>
        {lines.length ? (
          // Lines have no keys but their positions.
          lines.map((line, at) => <Line key={at} {...line} />)
        ) : (
          <Line mark=" " text="(empty)" />
        )}
      </div>
      {stale && (
        <Banner
          kind="warning"
          message="The memory was changed since this was proposed."
          hint="Ask for it once more, so that nothing is overwritten."
        />
      )}
      <div class="pl-memory-ways">
        <Button
          label="Accept"
          kind="primary"
          icon="check"
          disabled={disabled || stale}
          onClick={() => void can.accept()}
        />
        <Button
          label="Reject"
          icon="close"
          disabled={disabled}
          onClick={() => void can.reject()}
        />
      </div>
    </section>
  );
}
