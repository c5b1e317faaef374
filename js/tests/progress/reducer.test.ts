import { describe, expect, it } from "vitest";
import { initial, type ProgressModel, reduce } from "../../src/progress/reducer";

const run = (...facts: [event: string, data: Record<string, unknown>][]) =>
  facts.reduce<ProgressModel>(
    (was, [event, data]) => reduce(was, { event, data }, 10_000),
    initial,
  );
const SNAPSHOT = { seq: 1, state: "running", title: "pull m", seconds: 4 };

describe("a snapshot", () => {
  it("is all there is, but for what only the page knows", () => {
    const was = run(["reach", { heard: true }], ["stop", {}], ["snapshot", SNAPSHOT]);
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
  const phase = (name: string) =>
    ["progress", { phase: name }] as [string, Record<string, unknown>];
  const was = run(phase("a"), phase("a"), phase("b"), phase("a"), phase("c"));
  expect(was.phases).toEqual(["a", "b"]);
  expect(was.progress?.phase).toBe("c");
});

it("keeps the last notices", () => {
  const notices = Array.from({ length: 9 }, (_, n) => ["notice", { text: `${n}` }]);
  const was = run(...(notices as [string, Record<string, unknown>][]));
  expect(was.notices).toEqual(["3", "4", "5", "6", "7", "8"]);
});

it("ends once, and hears nothing of what comes later", () => {
  const error = { code: "server", message: "It broke." };
  const was = run(
    ["snapshot", SNAPSHOT],
    ["stop", {}],
    ["ended", { state: "failed", seconds: 7, error }],
    ["progress", { phase: "late" }],
    ["notice", { text: "late" }],
    ["stop", {}],
  );
  expect(was).toMatchObject({ state: "failed", seconds: 7, error, stop: "no" });
  expect(was.progress).toBeNull();
  expect(was.notices).toEqual([]);
});

it("says when Stop was not heard", () => {
  expect(run(["stop", {}]).stop).toBe("asked");
  expect(run(["stop", {}], ["stop", { late: true }]).stop).toBe("late");
});

it("lets what it does not know pass", () => {
  expect(run(["surprise", {}])).toEqual(initial);
});
