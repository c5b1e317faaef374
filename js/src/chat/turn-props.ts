// What shows a turn, or a part of one, is given.
import type { PartLink } from "../connection";
import type { TurnData } from "../protocol";
import type { Actions } from "./actions";
import type { KeptAnswers } from "./answer-cache";
import type { Step } from "./Pager";

export interface TurnProps {
  turn: TurnData;
  /** How many turns come after it. */
  following: number;
  /** Another question is being answered. */
  busy: boolean;
  /** An alternative that is shown beside it. */
  beside: TurnData | null;
  actions: Actions;
  kept: KeptAnswers;
  link: PartLink;
  /** Shows an alternative, with the pager where it is. */
  onWalk: (turn: number, by: Step, pager: HTMLElement) => void;
  onAskOther: (turn: TurnData) => void;
  onRemove: (turn: number) => void;
}

export const keyOf = ({ id, created }: Pick<TurnData, "id" | "created">) =>
  `${id}:${created}`;
