import { isOpen } from "../message/answer";
import type { TurnData } from "../protocol";
import { Button } from "../ui/Button";
import { BUSY } from "./Foot";
import { Pager } from "./Pager";
import { Reply } from "./Reply";
import type { TurnProps } from "./turn-props";

interface Props extends TurnProps {
  /** The alternative that is compared with. */
  other: TurnData;
}

/** Two answers to a question side by side, of which one is kept. */
export function Columns({ other, ...props }: Props) {
  const { turn, busy, actions } = props;
  const rest = other.alternatives.length
    ? other.alternatives
    : turn.alternatives.filter((id) => id !== turn.id);
  // The one that is shown is no alternative to itself.
  const others = rest.filter((id) => id !== turn.id);
  const column = (each: TurnData, which: string) => (
    <section class="pl-column" aria-label={`${which}: ${each.model}`}>
      <div class="pl-column-head">
        <span class="pl-column-model" title={each.model}>
          {each.model}
        </span>
        {each === other && (
          <Pager
            turn={{ id: other.id, alternatives: others }}
            held={busy ? BUSY : ""}
            onWalk={(to) => actions.compare(turn.id, to)}
          />
        )}
        <Button
          label="Keep this"
          size="small"
          disabled={busy}
          title={busy ? BUSY : "Show this answer; the other stays an alternative"}
          onClick={() => actions.keep(each.id)}
        />
      </div>
      {each.question !== turn.question && (
        <div class="pl-column-question pl-quiet pl-clipped" dir="auto">
          {each.question.slice(0, 400)}
        </div>
      )}
      <div class={`pl-reply pl-${each.state}`} aria-busy={isOpen(each)}>
        <Reply {...props} turn={each} />
        {!isOpen(each) && <div class="pl-quiet pl-footer">{each.footer}</div>}
      </div>
    </section>
  );
  return (
    <div class="pl-columns">
      {column(other, "Earlier answer")}
      {column(turn, "New answer")}
    </div>
  );
}
