// All that a progress view shows, as a function of the kernel's events.
import type { Reach } from "../connection";
import { type Stop, type StopAsked, stopAfter } from "../message/answer";
import type {
  Failure,
  ProgressData,
  ProgressFact,
  ProgressSnapshot,
} from "../protocol";

export interface ProgressModel {
  state: ProgressSnapshot["state"];
  title: string;
  /** When the job began, in milliseconds of the page's clock. */
  begun: number;
  seconds: number;
  phases: readonly string[];
  progress?: ProgressData | null;
  notices: readonly string[];
  text: string;
  error?: Failure | null;
  /** Whether the kernel gets this page's messages; null while it is not known. */
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
  fact: ProgressFact | Reach | StopAsked,
  now: number,
): ProgressModel {
  const open = was.state === "running";
  switch (fact.event) {
    case "snapshot": {
      const { seq: _, ...all } = fact.data;
      return {
        ...initial,
        ...all,
        heard: was.heard,
        stop: all.state === "running" ? was.stop : "no",
        begun: now - 1000 * all.seconds,
      };
    }
    case "progress": {
      if (!open) return was;
      const progress = fact.data;
      const before = was.progress?.phase;
      const past = before && before !== progress.phase && !was.phases.includes(before);
      return {
        ...was,
        progress,
        phases: past ? added(was.phases, before) : was.phases,
      };
    }
    case "notice":
      return open ? { ...was, notices: added(was.notices, fact.data.text) } : was;
    case "ended":
      return { ...was, error: null, ...fact.data, stop: "no" };
    case "reach":
      return { ...was, heard: fact.data.heard };
    case "stop":
      return open ? { ...was, stop: stopAfter(was.stop, fact.data) } : was;
    default:
      return was;
  }
}
