// All that an answer view shows, as a function of the kernel's events.
import type { Reach } from "../connection";
import {
  isOpen,
  reduceAnswer,
  type Stop,
  type StopAsked,
  stopAfter,
} from "../message/answer";
import type { AnswerData, AnswerFact } from "../protocol";

export interface AnswerModel extends AnswerData {
  model: string;
  /** Whether the kernel gets this page's messages; null while it is not known. */
  heard: boolean | null;
  stop: Stop;
  /** It failed for something that the user can add, and can then be asked again. */
  again: boolean;
}

export const initial: AnswerModel = {
  state: "waiting",
  model: "",
  text: "",
  thinking: "",
  notice: "",
  progress: null,
  footer: "",
  error: null,
  heard: null,
  stop: "no",
  again: false,
};

export function reduce(
  now: AnswerModel,
  fact: AnswerFact | Reach | StopAsked,
): AnswerModel {
  switch (fact.event) {
    case "snapshot": {
      const { seq: _, ...all } = fact.data;
      const stop = isOpen(all) ? now.stop : "no";
      return { ...initial, ...all, heard: now.heard, stop };
    }
    case "reach":
      return { ...now, heard: fact.data.heard };
    case "stop":
      return isOpen(now) ? { ...now, stop: stopAfter(now.stop, fact.data) } : now;
    case "lock":
      return now;
    case "settled":
      return { ...reduceAnswer(now, fact), stop: "no" };
    default:
      return reduceAnswer(now, fact);
  }
}
