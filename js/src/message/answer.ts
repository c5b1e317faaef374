// An answer while it comes, as a function of the kernel's events.
import type { AnswerData, Delta, NoticeData, ProgressData, Settled } from "../protocol";

/** An event that changes an answer, in any view. */
export type AnswerChange =
  | { event: "delta"; data: Delta }
  | { event: "notice"; data: NoticeData }
  | { event: "progress"; data: ProgressData }
  | { event: "settled"; data: Settled };

/** Whether Stop was requested; `late`: it was, and has had no effect for long. */
export type Stop = "no" | "asked" | "late";

/** Stop was requested, or has had no effect for long. */
export interface StopAsked {
  event: "stop";
  data: { late: boolean };
}

/** Late only while Stop is pending: the timer may be that of an earlier answer. */
export const stopAfter = (was: Stop, { late }: StopAsked["data"]): Stop =>
  late ? (was === "no" ? was : "late") : "asked";

/** An answer's state, for screen readers. */
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
  // Nothing is added after the end.
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
