import { describe, expect, it } from "vitest";
import { initial, type ProgressModel, reduce } from "../../src/progress/reducer";
import type { ProgressSnapshot } from "../../src/protocol";
import { fact, progress, type Told } from "../wire";

type Fact = Parameters<typeof reduce>[1];
const run = (...facts: Told<Fact>[]): ProgressModel =>
  facts.reduce((was, each) => reduce(was, fact<Fact>(each), 10_000), initial);
const SNAPSHOT: ProgressSnapshot = {
  seq: 1,
  state: "running",
  title: "pull m",
  seconds: 4,
  phases: [],
  notices: [],
  text: "",
};

describe("a snapshot", () => {
  it("is all there is, but for what only the page knows", () => {
    const was = run(
      ["reach", { heard: true }],
      ["stop", { late: false }],
      ["snapshot", SNAPSHOT],
    );
    expect(was).toMatchObject({ title: "pull m", heard: true, stop: "asked" });
    expect(was.begun).toBe(6000);
    const over = reduce(
      was,
      { event: "snapshot", data: { ...SNAPSHOT, state: "done" } },
      0,
    );
    expect(over.stop).toBe("no");
  });

  it("forgets what was before it", () => {
    const was = run(["notice", { text: "old" }], ["snapshot", SNAPSHOT]);
    expect(was.notices).toEqual([]);
  });
});

it("remembers the phases that are over, each once", () => {
  const phase = (name: string): Told<Fact> => ["progress", progress({ phase: name })];
  const was = run(phase("a"), phase("a"), phase("b"), phase("a"), phase("c"));
  expect(was.phases).toEqual(["a", "b"]);
  expect(was.progress?.phase).toBe("c");
});

it("keeps the last notices", () => {
  const notice = (n: number): Told<Fact> => ["notice", { text: `${n}` }];
  const was = run(...Array.from({ length: 9 }, (_, n) => notice(n)));
  expect(was.notices).toEqual(["3", "4", "5", "6", "7", "8"]);
});

it("ends once, and hears nothing of what comes later", () => {
  const error = { code: "server", message: "It broke." };
  const was = run(
    ["snapshot", SNAPSHOT],
    ["stop", { late: false }],
    ["ended", { state: "failed", seconds: 7, text: "", error }],
    ["progress", progress({ phase: "late" })],
    ["notice", { text: "late" }],
    ["stop", { late: false }],
  );
  expect(was).toMatchObject({ state: "failed", seconds: 7, error, stop: "no" });
  expect(was.progress).toBeNull();
  expect(was.notices).toEqual([]);
});

it("says when Stop was not heard", () => {
  expect(run(["stop", { late: false }]).stop).toBe("asked");
  expect(run(["stop", { late: false }], ["stop", { late: true }]).stop).toBe("late");
});

it("lets what it does not know pass", () => {
  expect(reduce(initial, { event: "surprise", data: {} } as never, 0)).toBe(initial);
});
