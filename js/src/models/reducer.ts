// What the view of local models shows, as a function of the kernel's events.
import type { Reach } from "../connection";
import {
  type Job,
  type JobsAct,
  initial as noJobs,
  reduce as reduceJobs,
} from "../jobs/reducer";
import type {
  ChatOpened,
  ListState,
  ModelRow,
  ModelsFact,
  PlaceData,
  RunningModels,
  UpdateData,
} from "../protocol";

export interface ModelsModel {
  /** The first snapshot has come. */
  ready: boolean;
  /** Whether the kernel gets this page's messages; null while it is not known. */
  heard: boolean | null;
  /** The page has lost its kernel. */
  lost: boolean;
  models: readonly ModelRow[];
  lists: readonly ListState[];
  /** The jobs of local models, the newest first. */
  jobs: readonly Job[];
  /** Failed jobs that this page saw running, until they are dismissed. */
  failed: readonly string[];
  place: PlaceData;
  inPanel: boolean;
  /** The kernel's clock minus this page's, in seconds. */
  ahead: number;
  /** What the registries said of models, by id. */
  updates: Readonly<Record<string, UpdateData>>;
  /** What is being done with a model, in words, by id. */
  doing: Readonly<Record<string, string>>;
  running: RunningModels | null;
  /** The chat that is shown below. */
  chat: ChatOpened | null;
}

export const initial: ModelsModel = {
  ready: false,
  heard: null,
  lost: false,
  models: [],
  lists: [],
  jobs: [],
  failed: [],
  place: { segment: "installed", sort: "name", down: false, filter: "" },
  inPanel: false,
  ahead: 0,
  updates: {},
  doing: {},
  running: null,
  chat: null,
};

/** What the user does, and the kernel's responses. */
export type ModelsAct =
  | JobsAct
  | { event: "place"; data: Partial<PlaceData> }
  | { event: "doing"; data: { ids: readonly string[]; words: string } }
  | { event: "updates"; data: { models: readonly UpdateData[] } }
  | { event: "running"; data: RunningModels }
  | { event: "chat"; data: ChatOpened | null }
  | { event: "dismiss"; data: { job: string } }
  | { event: "lost"; data: { lost: boolean } };

const isUp = ({ state }: Job) => state === "running";

/**
 * The jobs after an event of theirs; those that failed meanwhile stay to be read. One may
 * fail before it was ever seen running: only in a snapshot is such a failure an old one.
 */
function withJobs(
  now: ModelsModel,
  fact: Parameters<typeof reduceJobs>[1],
  at: number,
): ModelsModel {
  const before = new Map(now.jobs.map((job) => [job.id, isUp(job)]));
  const unseen = fact.event !== "snapshot";
  const { jobs } = reduceJobs({ ...noJobs, jobs: [...now.jobs] }, fact, at);
  const failed = jobs
    .filter(({ id, state }) => state === "failed" && (before.get(id) ?? unseen))
    .map(({ id }) => id);
  const known = new Set(jobs.map(({ id }) => id));
  const kept = now.failed.filter((id) => known.has(id));
  return { ...now, jobs, failed: [...new Set([...failed, ...kept])] };
}

/** Marks of models that are gone, or are others now, no longer hold. */
function pruned(
  updates: ModelsModel["updates"],
  before: readonly ModelRow[],
  models: readonly ModelRow[],
): ModelsModel["updates"] {
  const digests = new Map(models.map(({ id, digest }) => [id, digest]));
  const same = (id: string) =>
    before.some((row) => row.id === id && row.digest === digests.get(id));
  const held = Object.entries(updates).filter(([id]) => same(id));
  return Object.fromEntries(held);
}

function rows(now: ModelsModel, models: readonly ModelRow[]): ModelsModel {
  return { ...now, models, updates: pruned(now.updates, now.models, models) };
}

/** `at` is the page's clock in milliseconds, `clock` in seconds since 1970. */
export function reduce(
  now: ModelsModel,
  fact: ModelsFact | Reach | ModelsAct,
  at: number,
  clock: number,
): ModelsModel {
  switch (fact.event) {
    case "snapshot": {
      const { models, lists, place, in_panel: inPanel } = fact.data;
      const ahead = fact.data.now - clock;
      const next = withJobs(rows(now, models), fact, at);
      // What the user does here goes before what another page has told the kernel.
      const kept = now.ready ? now.place : place;
      return { ...next, lists, inPanel, ahead, place: kept, ready: true, lost: false };
    }
    case "models": {
      const { changed, gone, lists } = fact.data;
      const by = new Map(now.models.map((row) => [row.id, row]));
      for (const id of gone) by.delete(id);
      for (const row of changed) by.set(row.id, row);
      const ahead = fact.data.now - clock;
      return { ...rows(now, [...by.values()]), lists, ahead };
    }
    case "jobs":
    case "asked":
    case "refused":
      return withJobs(now, fact, at);
    case "reach":
      return { ...now, heard: fact.data.heard, lost: now.lost && !fact.data.heard };
    case "place":
      return { ...now, place: { ...now.place, ...fact.data } };
    case "doing": {
      const { ids, words } = fact.data;
      const doing = { ...now.doing };
      for (const id of ids) {
        if (words) doing[id] = words;
        else delete doing[id];
      }
      return { ...now, doing };
    }
    case "updates": {
      const told = fact.data.models.map((each) => [each.model, each] as const);
      return { ...now, updates: { ...now.updates, ...Object.fromEntries(told) } };
    }
    case "running":
      return { ...now, running: fact.data, ahead: fact.data.now - clock };
    case "chat":
      return { ...now, chat: fact.data };
    case "dismiss":
      return { ...now, failed: now.failed.filter((id) => id !== fact.data.job) };
    case "lost":
      return { ...now, lost: fact.data.lost };
    default:
      return now;
  }
}
