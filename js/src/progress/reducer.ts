// All that a progress view shows, as a function of what the kernel said.
import type { Fact } from "../event-order";
import type { Failure, ProgressData, ProgressEnd, ProgressSnapshot } from "../protocol";
import type { Stop } from "../stopping";

export interface ProgressModel {
  state: ProgressSnapshot["state"];
  title: string;
  /** When it began, or how long it took: in milliseconds of the page's clock. */
  begun: number;
  seconds: number;
  phases: readonly string[];
  progress: ProgressData | null;
  notices: readonly string[];
  text: string;
  error: Failure | null;
  /** Whether the kernel hears this page; null until it is known. */
  heard: boolean | null;
  stop: Stop;
}

export const initial: ProgressModel = {
  state: "running",
  title: "",
  begun: 0,
  seconds: 0,
  phases: [],
  progress: null,
  notices: [],
  text: "",
  error: null,
  heard: null,
  stop: "no",
};

/** As many as the kernel keeps. */
const KEPT = 6;

const added = (all: readonly string[], one: string) => [...all, one].slice(-KEPT);

/** `now` is the page's clock in milliseconds. */
export function reduce(
  was: ProgressModel,
  { event, data }: Fact,
  now: number,
): ProgressModel {
  const open = was.state === "running";
  switch (event) {
    case "snapshot": {
      const all = data as unknown as ProgressSnapshot;
      const seconds = all.seconds ?? 0;
      return {
        ...initial,
        heard: was.heard,
        stop: all.state === "running" ? was.stop : "no",
        state: all.state,
        title: all.title,
        begun: now - 1000 * seconds,
        seconds,
        phases: all.phases ?? [],
        progress: all.progress ?? null,
        notices: all.notices ?? [],
        text: all.text ?? "",
        error: all.error ?? null,
      };
    }
    case "progress": {
      if (!open) return was;
      const progress = data as unknown as ProgressData;
      const before = was.progress?.phase;
      const past = before && before !== progress.phase && !was.phases.includes(before);
      return {
        ...was,
        progress,
        phases: past ? added(was.phases, before) : was.phases,
      };
    }
    case "notice":
      if (!open) return was;
      return { ...was, notices: added(was.notices, String(data.text ?? "")) };
    case "ended": {
      const end = data as unknown as ProgressEnd;
      return {
        ...was,
        state: end.state,
        seconds: end.seconds,
        text: end.text ?? "",
        error: end.error ?? null,
        stop: "no",
      };
    }
    case "reach":
      return { ...was, heard: data.heard === true };
    case "stop":
      return open ? { ...was, stop: data.late ? "late" : "asked" } : was;
    default:
      return was;
  }
}
