// All that the list of jobs shows, as a function of the kernel's events.
import type { Reach } from "../connection";
import type { Failure, JobData, JobsFact } from "../protocol";

/** A job, and when the page got it, in milliseconds of the page's clock. */
export interface Job extends JobData {
  at: number;
  /** Cancelling was requested, and it has not ended yet. */
  cancelling: boolean;
}

export interface JobsModel {
  /** The newest first. */
  jobs: Job[];
  /** The first snapshot has come. */
  ready: boolean;
  /** Whether the kernel gets this page's messages; null while it is not known. */
  heard: boolean | null;
  /** The error of the last request, if it failed. */
  problem: Failure | null;
}

export const initial: JobsModel = {
  jobs: [],
  ready: false,
  heard: null,
  problem: null,
};

export const isRunning = ({ state }: Pick<JobData, "state">) => state === "running";

/** Seconds that a job has run until `now`, or ran. */
export const elapsed = (job: Job, now: number) =>
  job.seconds + (isRunning(job) ? Math.max(0, now - job.at) / 1000 : 0);

const newestFirst = (a: JobData, b: JobData) => Number(b.id) - Number(a.id);

/** The jobs with some replaced; the others stay the same objects. */
function merged(jobs: Job[], changed: JobData[], at: number): Job[] {
  const by = new Map(jobs.map((job) => [job.id, job]));
  for (const data of changed) {
    const cancelling = isRunning(data) && by.get(data.id)?.cancelling === true;
    by.set(data.id, { ...data, at, cancelling });
  }
  return [...by.values()].sort(newestFirst);
}

/** What the user does, and the kernel's responses; `ids` are the jobs to cancel. */
export type JobsAct =
  | { event: "asked"; data: { ids: readonly string[] } }
  | { event: "refused"; data: { ids: readonly string[]; problem: Failure } };

/** `at` is the page's clock in milliseconds. */
export function reduce(
  now: JobsModel,
  fact: JobsFact | Reach | JobsAct,
  at: number,
): JobsModel {
  switch (fact.event) {
    case "snapshot": {
      const all = fact.data.jobs;
      const known = new Set(all.map(({ id }) => id));
      const kept = now.jobs.filter(({ id }) => known.has(id));
      return { ...now, ready: true, jobs: merged(kept, all, at) };
    }
    case "jobs": {
      const gone = new Set(fact.data.forgotten);
      const kept = now.jobs.filter(({ id }) => !gone.has(id));
      return { ...now, jobs: merged(kept, fact.data.changed, at) };
    }
    case "reach":
      return { ...now, heard: fact.data.heard };
    case "asked": {
      const ids = new Set(fact.data.ids);
      const jobs = now.jobs.map((job) =>
        isRunning(job) && ids.has(job.id) ? { ...job, cancelling: true } : job,
      );
      return { ...now, problem: null, jobs };
    }
    case "refused": {
      const ids = new Set(fact.data.ids);
      const jobs = now.jobs.map((job) =>
        ids.has(job.id) ? { ...job, cancelling: false } : job,
      );
      return { ...now, problem: fact.data.problem, jobs };
    }
    default:
      return now;
  }
}
