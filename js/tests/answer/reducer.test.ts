import { expect, it } from "vitest";
import { type AnswerModel, initial, reduce } from "../../src/answer/reducer";
import type { Fact } from "../../src/event-order";

const after = (...facts: [string, Record<string, unknown>][]): AnswerModel =>
  facts.map(([event, data]): Fact => ({ event, data })).reduce(reduce, initial);
const text = (text: string): [string, Record<string, unknown>] => [
  "delta",
  { kind: "text", text },
];

it("joins deltas, text and thinking apart", () => {
  const now = after(text("a"), ["delta", { kind: "thinking", text: "t" }], text("b"));
  expect(now).toMatchObject({ state: "streaming", text: "ab", thinking: "t" });
});

it("forgets notice and progress with the first word", () => {
  const waits = after(["notice", { text: "busy" }], ["progress", { phase: "Loading" }]);
  expect(waits).toMatchObject({ notice: "busy", progress: { phase: "Loading" } });
  expect(
    reduce(waits, { event: "delta", data: { kind: "text", text: "a" } }),
  ).toMatchObject({ notice: "", progress: null });
});

it("takes a snapshot for everything but what only the page knows", () => {
  const now = after(["reach", { heard: true }], text("old"), [
    "snapshot",
    { seq: 4, state: "streaming", model: "m", text: "new" },
  ]);
  expect(now).toMatchObject({ text: "new", model: "m", heard: true, thinking: "" });
});

it("keeps the partial answer when it is stopped or fails", () => {
  expect(after(text("part"), ["settled", { state: "stopped" }])).toMatchObject({
    state: "stopped",
    text: "part",
  });
  const error = { code: "connection", message: "lost", hint: "retry" };
  expect(
    after(text("part"), ["settled", { state: "failed", error, footer: "f" }]),
  ).toMatchObject({ state: "failed", text: "part", error, footer: "f" });
});

it("drops what comes after the end", () => {
  const done = after(text("a"), ["settled", { state: "done", footer: "f" }]);
  expect(reduce(done, { event: "delta", data: { kind: "text", text: "b" } })).toBe(
    done,
  );
  expect(reduce(done, { event: "notice", data: { text: "n" } })).toBe(done);
  expect(reduce(done, { event: "stop", data: {} })).toBe(done);
});

it("knows that Stop was asked for until it has stopped", () => {
  const asked = after(text("a"), ["stop", {}]);
  expect(asked.stop).toBe("asked");
  expect(reduce(asked, { event: "stop", data: { late: true } }).stop).toBe("late");
  expect(reduce(asked, { event: "settled", data: { state: "stopped" } }).stop).toBe(
    "no",
  );
});

it("leaves the state alone for what it does not know", () => {
  const now = after(text("a"));
  expect(reduce(now, { event: "sparkle", data: {} })).toBe(now);
});

it("never changes the state it was given", () => {
  const before = Object.freeze({ ...initial });
  for (const event of [
    "snapshot",
    "delta",
    "notice",
    "progress",
    "settled",
    "reach",
    "stop",
  ]) {
    expect(() => reduce(before, { event, data: { state: "done" } })).not.toThrow();
  }
});
