// An answer while it comes, as a function of what the kernel said of it.
import type { AnswerData, Delta, NoticeData, ProgressData, Settled } from "../protocol";

/** What may become of an answer, in whichever view it is. */
export type AnswerChange =
  | { event: "delta"; data: Delta }
  | { event: "notice"; data: NoticeData }
  | { event: "progress"; data: ProgressData }
  | { event: "settled"; data: Settled };

/** What a view knows of being stopped; `late`: it was asked, and nothing came of it. */
export type Stop = "no" | "asked" | "late";

/** Stop was asked for, or nothing has come of it for long. */
export interface StopAsked {
  event: "stop";
  data: { late: boolean };
}

/** It is late only while it is waited for: it may have been another's answer. */
export const stopAfter = (was: Stop, { late }: StopAsked["data"]): Stop =>
  late ? (was === "no" ? was : "late") : "asked";

/** How an answer stands, for a screen reader. */
export const STANDING: Record<AnswerData["state"], string> = {
  idle: "",
  waiting: "Waiting for the answer",
  streaming: "Answering",
  done: "Answer complete",
  stopped: "Stopped",
  failed: "The answer failed",
  unfinished: "",
};

/** Whether more of an answer may come. */
export const isOpen = ({ state }: Pick<AnswerData, "state">) =>
  state === "waiting" || state === "streaming";

const QUIET = { notice: "", progress: null };

export function reduceAnswer<A extends AnswerData>(now: A, change: AnswerChange): A {
  if (change.event === "settled") {
    const { state, footer, error = null } = change.data;
    return { ...now, ...QUIET, state, footer, error };
  }
  // What comes after the end belongs to nothing that is shown.
  if (!isOpen(now)) return now;
  switch (change.event) {
    case "delta": {
      const { kind, text } = change.data;
      return { ...now, ...QUIET, state: "streaming", [kind]: now[kind] + text };
    }
    case "notice":
      return { ...now, notice: change.data.text };
    case "progress":
      return { ...now, progress: change.data };
    default:
      return now;
  }
}
