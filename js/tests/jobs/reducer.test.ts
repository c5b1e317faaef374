import { describe, expect, it } from "vitest";
import {
  elapsed,
  initial,
  isRunning,
  type JobsModel,
  reduce,
} from "../../src/jobs/reducer";
import type { JobData } from "../../src/protocol";
import { job } from "../wire";

const all = (...jobs: JobData[]) =>
  reduce(initial, { event: "snapshot", data: { seq: 0, jobs } }, 0);

const told = (now: JobsModel, changed: JobData[], forgotten: string[] = []) =>
  reduce(now, { event: "jobs", data: { changed, forgotten } }, 500);

const ids = ({ jobs }: JobsModel) => jobs.map(({ id }) => id);

describe("the list of jobs", () => {
  it("is not ready before the kernel has told what there is", () => {
    expect(initial.ready).toBe(false);
    expect(all().ready).toBe(true);
  });

  it("has the newest first, also by number and not by letter", () => {
    expect(ids(told(all(job(9), job(2)), [job(10)]))).toEqual(["10", "9", "2"]);
  });

  it("replaces what has changed and keeps the rest as it is", () => {
    const before = all(job(2), job(1));
    const after = told(before, [job(1, { state: "done" })]);
    expect(after.jobs[0]).toBe(before.jobs[0]);
    expect(after.jobs[1]?.state).toBe("done");
  });

  it("drops what is forgotten, unknown ones too", () => {
    expect(ids(told(all(job(2), job(1)), [], ["1", "77"]))).toEqual(["2"]);
  });

  it("drops in a snapshot what the kernel no longer has", () => {
    const after = reduce(
      all(job(3), job(1)),
      { event: "snapshot", data: { seq: 1, jobs: [job(3)] } },
      9,
    );
    expect(ids(after)).toEqual(["3"]);
  });

  it("lets a running job's time go on, and a finished one's stand", () => {
    const { jobs } = all(job(2), job(1, { state: "done", seconds: 4 }));
    expect(jobs.map((each) => elapsed(each, 2500))).toEqual([3.5, 4]);
    // A page's clock may be set back.
    expect(jobs.map((each) => elapsed(each, -9000))).toEqual([1, 4]);
  });

  it("says that a job is being cancelled until it has ended", () => {
    const asked = reduce(
      all(job(2), job(1)),
      { event: "asked", data: { ids: ["1"] } },
      0,
    );
    expect(asked.jobs.map((each) => each.cancelling)).toEqual([false, true]);
    const still = told(asked, [job(1, { seconds: 2 })]);
    expect(still.jobs[1]?.cancelling).toBe(true);
    const over = told(still, [job(1, { state: "cancelled" })]);
    expect(over.jobs[1]?.cancelling).toBe(false);
    expect(isRunning(over.jobs[1] as never)).toBe(false);
  });

  it("does not say it of a job that has ended", () => {
    const asked = reduce(
      all(job(1, { state: "failed" })),
      { event: "asked", data: { ids: ["1"] } },
      0,
    );
    expect(asked.jobs[0]?.cancelling).toBe(false);
  });

  it("takes it back when the kernel refused, and says why until the next try", () => {
    const asked = reduce(all(job(1)), { event: "asked", data: { ids: ["1"] } }, 0);
    const problem = { code: "usage", message: "There is no job 1." };
    const refused = reduce(
      asked,
      { event: "refused", data: { ids: ["1"], problem } },
      0,
    );
    expect(refused.jobs[0]?.cancelling).toBe(false);
    expect(refused.problem).toEqual(problem);
    expect(
      reduce(refused, { event: "asked", data: { ids: [] } }, 0).problem,
    ).toBeNull();
  });
});
