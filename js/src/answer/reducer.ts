// All that an answer view shows, as a function of what the kernel said.
import type { Fact } from "../event-order";
import type { AnswerSnapshot, Failure, ProgressData } from "../protocol";

export interface AnswerModel {
  state: AnswerSnapshot["state"];
  model: string;
  text: string;
  thinking: string;
  notice: string;
  progress: ProgressData | null;
  footer: string;
  error: Failure | null;
  /** Whether the kernel hears this page; null until it is known. */
  heard: boolean | null;
  /** Stop was asked for: `asked`, or `late` when nothing came of it for long. */
  stop: "no" | "asked" | "late";
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
};

export const isOpen = ({ state }: Pick<AnswerModel, "state">) =>
  state === "waiting" || state === "streaming";

export function reduce(now: AnswerModel, { event, data }: Fact): AnswerModel {
  switch (event) {
    case "snapshot": {
      const all = data as unknown as AnswerSnapshot;
      return {
        ...initial,
        heard: now.heard,
        stop: isOpen(all) ? now.stop : "no",
        state: all.state,
        model: all.model,
        text: all.text ?? "",
        thinking: all.thinking ?? "",
        notice: all.notice ?? "",
        progress: all.progress ?? null,
        footer: all.footer ?? "",
        error: all.error ?? null,
      };
    }
    case "delta": {
      // What comes after the end belongs to nothing that is shown.
      if (!isOpen(now)) return now;
      const kind = data.kind === "thinking" ? "thinking" : "text";
      return {
        ...now,
        state: "streaming",
        notice: "",
        progress: null,
        [kind]: now[kind] + String(data.text ?? ""),
      };
    }
    case "notice":
      return isOpen(now) ? { ...now, notice: String(data.text ?? "") } : now;
    case "progress":
      return isOpen(now) ? { ...now, progress: data as unknown as ProgressData } : now;
    case "settled":
      return {
        ...now,
        state: data.state as AnswerModel["state"],
        footer: String(data.footer ?? ""),
        error: (data.error as Failure | undefined) ?? null,
        notice: "",
        progress: null,
        stop: "no",
      };
    case "reach":
      return { ...now, heard: data.heard === true };
    case "stop":
      return isOpen(now) ? { ...now, stop: data.late ? "late" : "asked" } : now;
    default:
      return now;
  }
}
