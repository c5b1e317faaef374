import { describe, expect, it } from "vitest";
import { initial, isOvertaken, reduce, textOf } from "../../src/memory/reducer";
import type { MemoryData } from "../../src/protocol";

const memory = (text: string, revision: number): MemoryData => ({
  text,
  revision,
  on: true,
  can_undo: false,
  can_redo: false,
  longest: 100,
  working: "",
});

const begun = reduce(initial, {
  event: "snapshot",
  data: { seq: 0, memory: memory("old", 1), draft: { text: "half", revision: 1 } },
});

describe("the memory in a page", () => {
  it("begins with what was typed before the page was loaded", () => {
    expect(textOf(begun)).toBe("half");
    expect(isOvertaken(begun)).toBe(false);
  });

  it("keeps what is typed when a later snapshot has an older draft", () => {
    const typed = reduce(begun, {
      event: "draft",
      data: { text: "whole", revision: 1 },
    });
    const again = reduce(typed, {
      event: "snapshot",
      data: { seq: 4, memory: memory("old", 1), draft: { text: "half", revision: 1 } },
    });
    expect(textOf(again)).toBe("whole");
  });

  it("shows what is saved elsewhere only while nothing is typed", () => {
    const now = reduce(begun, { event: "memory", data: memory("theirs", 2) });
    expect(textOf(now)).toBe("half");
    expect(isOvertaken(now)).toBe(true);
    const discarded = reduce(now, { event: "draft", data: null });
    expect(textOf(discarded)).toBe("theirs");
    expect(isOvertaken(discarded)).toBe(false);
  });

  it("is not overtaken by the same text", () => {
    const now = reduce(begun, { event: "memory", data: memory("half", 2) });
    expect(isOvertaken(now)).toBe(false);
  });
});
