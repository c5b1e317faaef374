import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Finder, PAUSE } from "../../src/prompts/finder";
import { anywhere } from "../../src/prompts/reducer";
import { isWhole, nothing, windowsOf, withFound } from "../../src/prompts/windows";
import type { FindParams, FoundData } from "../../src/protocol";
import { promptRow } from "../wire";

const found = (offset: number, count: number, total: number): FoundData => ({
  offset,
  total,
  rows: Array.from({ length: count }, (_, n) => promptRow(`p${offset + n}`)),
});

describe("the windows of a list", () => {
  it("are those that hold what is seen", () => {
    expect(windowsOf(0, 20)).toEqual([0]);
    expect(windowsOf(90, 210)).toEqual([0, 100, 200]);
    expect(windowsOf(-5, 0)).toEqual([]);
  });

  it("are whole once all their rows have come", () => {
    const some = withFound(nothing, found(0, 100, 250), true);
    expect(isWhole(some, 0)).toBe(true);
    expect(isWhole(some, 200)).toBe(false);
    const more = withFound(some, found(200, 50, 250), false);
    expect(isWhole(more, 200)).toBe(true);
    expect(more.rows.get(249)?.name).toBe("p249");
    expect(withFound(more, found(0, 1, 1), true).rows.size).toBe(1);
  });
});

describe("a search", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const begun = () => {
    const asked: { params: FindParams; done: (found: FoundData) => void }[] = [];
    const taken: [FoundData, boolean][] = [];
    const finder = new Finder(
      (params) => new Promise((done) => asked.push({ params, done })),
      (found, anew) => taken.push([found, anew]),
      () => {},
    );
    return { finder, asked, taken };
  };
  const settle = () => vi.advanceTimersByTimeAsync(0);

  it("waits until one has typed, and the latest wins", async () => {
    const { finder, asked, taken } = begun();
    finder.search({ ...anywhere, query: "a" }, PAUSE);
    finder.search({ ...anywhere, query: "ab" }, PAUSE);
    await vi.advanceTimersByTimeAsync(PAUSE);
    expect(asked.map(({ params }) => params.query)).toEqual(["ab"]);
    finder.search({ ...anywhere, query: "abc" });
    asked[1]?.done(found(0, 1, 1));
    await settle();
    asked[0]?.done(found(0, 9, 9));
    await settle();
    expect(taken).toEqual([[found(0, 1, 1), true]]);
  });

  it("asks for the windows that are seen, each once", async () => {
    const { finder, asked, taken } = begun();
    finder.search(anywhere);
    asked[0]?.done(found(0, 100, 1000));
    await settle();
    const listed = withFound(nothing, found(0, 100, 1000), true);
    finder.see(anywhere, listed, 450, 470);
    finder.see(anywhere, listed, 455, 475);
    expect(asked.map(({ params }) => params.offset)).toEqual([0, 400]);
    asked[1]?.done(found(400, 100, 1000));
    await settle();
    expect(taken[1]?.[1]).toBe(false);
  });

  it("asks for what was scrolled to before the first rows came", async () => {
    const { finder, asked } = begun();
    finder.search(anywhere);
    finder.see(anywhere, nothing, 500, 520);
    expect(asked).toHaveLength(1);
    asked[0]?.done(found(0, 100, 1000));
    await settle();
    finder.more(withFound(nothing, found(0, 100, 1000), true));
    expect(asked.map(({ params }) => params.offset)).toEqual([0, 500]);
  });

  it("is made anew where one looks when the library has changed", async () => {
    const { finder, asked, taken } = begun();
    finder.has(anywhere);
    const listed = withFound(nothing, found(0, 100, 1000), true);
    finder.see(anywhere, listed, 300, 320);
    asked[0]?.done(found(300, 100, 1000));
    await settle();
    finder.again(anywhere);
    expect(asked[1]?.params.offset).toBe(300);
    asked[1]?.done(found(300, 99, 399));
    await settle();
    expect(taken.at(-1)).toEqual([found(300, 99, 399), true]);
  });
});
