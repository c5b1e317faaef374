import { expect, it } from "vitest";
import { type AnswerModel, initial, reduce } from "../../src/answer/reducer";
import { answer, fact, progress, type Told } from "../wire";

type Fact = Parameters<typeof reduce>[1];
const after = (...facts: Told<Fact>[]): AnswerModel =>
  facts.reduce((now, each) => reduce(now, fact<Fact>(each)), initial);
const text = (text: string): Told<Fact> => ["delta", { kind: "text", text }];
const loading = progress({ phase: "Loading" });

it("joins deltas, text and thinking apart", () => {
  const now = after(text("a"), ["delta", { kind: "thinking", text: "t" }], text("b"));
  expect(now).toMatchObject({ state: "streaming", text: "ab", thinking: "t" });
});

it("forgets notice and progress with the first word", () => {
  const waits = after(["notice", { text: "busy" }], ["progress", loading]);
  expect(waits).toMatchObject({ notice: "busy", progress: { phase: "Loading" } });
  expect(
    reduce(waits, { event: "delta", data: { kind: "text", text: "a" } }),
  ).toMatchObject({ notice: "", progress: null });
});

it("takes a snapshot for everything but what only the page knows", () => {
  const now = after(["reach", { heard: true }], text("old"), [
    "snapshot",
    { ...answer, seq: 4, state: "streaming", model: "m", text: "new", again: false },
  ]);
  expect(now).toMatchObject({ text: "new", model: "m", heard: true, thinking: "" });
});

it("keeps the partial answer when it is stopped or fails", () => {
  expect(
    after(text("part"), ["settled", { state: "stopped", footer: "" }]),
  ).toMatchObject({
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
  expect(reduce(done, { event: "stop", data: { late: false } })).toBe(done);
});

it("knows that Stop was asked for until it has stopped", () => {
  const asked = after(text("a"), ["stop", { late: false }]);
  expect(asked.stop).toBe("asked");
  expect(reduce(asked, { event: "stop", data: { late: true } }).stop).toBe("late");
  expect(
    reduce(asked, { event: "settled", data: { state: "stopped", footer: "" } }).stop,
  ).toBe("no");
});

it("leaves the state alone for what it does not know", () => {
  const now = after(text("a"));
  expect(reduce(now, { event: "sparkle", data: {} } as never)).toBe(now);
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
    expect(() =>
      reduce(before, { event, data: { state: "done" } } as never),
    ).not.toThrow();
  }
});
