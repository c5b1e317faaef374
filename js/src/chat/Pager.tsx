import type { TurnData } from "../protocol";
import { Icon } from "../ui/icons";

interface Props {
  turn: Pick<TurnData, "id" | "alternatives">;
  /** Why one cannot walk now; "" if one can. */
  held: string;
  onWalk: (turn: number, by: Step, pager: HTMLElement) => void;
}

export type Step = -1 | 1;

const NAMES = { [-1]: "Earlier alternative", 1: "Next alternative" } as const;

/** Which alternative this is, and the way to the others. */
export function Pager({ turn, held, onWalk }: Props) {
  const all = turn.alternatives;
  if (all.length < 2) return null;
  const at = all.indexOf(turn.id);
  const button = (by: Step) => {
    const to = all[at + by];
    const off = held !== "" || to === undefined;
    return (
      <button
        type="button"
        class={`pl-icon-button pl-pager-step${by < 0 ? " pl-pager-back" : ""}`}
        data-by={by}
        aria-label={NAMES[by]}
        aria-disabled={off || undefined}
        title={held || NAMES[by]}
        onClick={(event) => {
          const pager = event.currentTarget.parentElement;
          if (!off && pager) onWalk(to, by, pager);
        }}
      >
        <Icon name="chevron" />
      </button>
    );
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for a form
    <span class="pl-pager" role="group" aria-label="Alternatives">
      {button(-1)}
      <span class="pl-pager-place">
        {at + 1}
        <span aria-hidden="true">/</span>
        <span class="pl-hidden"> of </span>
        {all.length}
      </span>
      {button(1)}
    </span>
  );
}
