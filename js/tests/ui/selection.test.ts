import { describe, expect, it } from "vitest";
import {
  closed,
  entryOf,
  listing,
  type Option,
  pick,
  searchable,
} from "../../src/ui/selection";

const OPTIONS: Option[] = [
  { value: "a/one", group: "a" },
  { value: "a/two", group: "a", disabled: true },
  { value: "b/one", group: "b", label: "First of b", keywords: "small" },
];
const list = (query: string, free = false) => listing(searchable(OPTIONS), query, free);
const shown = (query: string, free = false) =>
  list(query, free).rows.map((row) =>
    row.kind === "group"
      ? `# ${row.label}`
      : row.kind === "free"
        ? `+ ${row.text}`
        : row.option.value,
  );

describe("listing", () => {
  it("has each group under its name", () => {
    expect(shown("")).toEqual(["# a", "a/one", "a/two", "# b", "b/one"]);
  });

  it("counts only what can be chosen", () => {
    const { rows, entries } = list("");
    expect(entries.map((at) => rows[at])).toMatchObject([
      { option: { value: "a/one" }, index: 0 },
      { option: { value: "b/one" }, index: 1 },
    ]);
  });

  it("finds by the label and by other words, not by what is not shown", () => {
    expect(shown("first")).toEqual(["# b", "b/one"]);
    expect(shown("small")).toEqual(["# b", "b/one"]);
    expect(shown("b/")).toEqual([]);
  });

  it("offers what is typed where that is allowed and not listed", () => {
    expect(shown("new", true)).toEqual(["+ new"]);
    expect(shown("one", true)).toEqual(["# a", "a/one", "+ one"]);
    expect(shown("a/one", true)).toEqual(["# a", "a/one"]);
    expect(shown(" ", true)).toEqual(shown(""));
  });

  it("knows where a value is", () => {
    expect(entryOf(list(""), "b/one")).toBe(1);
    expect(entryOf(list(""), "a/two")).toBe(-1);
    expect(entryOf(list(""), "none")).toBe(-1);
  });
});

describe("pick", () => {
  const open = { open: true, query: null, active: 1 };
  const press = (key: string, active: number, count = 3) =>
    pick({ ...open, active }, { type: "key", key, count }).active;

  it("opens at what is chosen, once", () => {
    const now = pick(closed, { type: "open", at: 2 });
    expect(now).toEqual({ open: true, query: null, active: 2 });
    expect(pick(now, { type: "open", at: 0 })).toBe(now);
  });

  it("goes round with the arrows and stops at the ends with the pages", () => {
    expect(press("ArrowDown", 1)).toBe(2);
    expect(press("ArrowDown", 2)).toBe(0);
    expect(press("ArrowUp", 0)).toBe(2);
    expect(press("ArrowUp", -1)).toBe(2);
    expect(press("PageDown", 1, 30)).toBe(11);
    expect(press("PageDown", 1)).toBe(2);
    expect(press("PageUp", 1)).toBe(0);
  });

  it("goes on from what is left when there are fewer", () => {
    expect(press("ArrowDown", 20)).toBe(0);
    expect(press("ArrowUp", 20)).toBe(1);
  });

  it("does nothing with keys that are not its own, or while it is closed", () => {
    expect(press("a", 1)).toBe(1);
    expect(pick(closed, { type: "key", key: "ArrowDown", count: 3 })).toBe(closed);
    expect(press("ArrowDown", 1, 0)).toBe(1);
  });

  it("takes the nearest while one types, and forgets it all at the end", () => {
    const typed = pick(open, { type: "type", text: "x" });
    expect(typed).toEqual({ open: true, query: "x", active: 0 });
    expect(pick(typed, { type: "point", at: 2 }).active).toBe(2);
    expect(pick(typed, { type: "close" })).toEqual(closed);
  });
});

it("offers what is typed first where that is meant first", () => {
  const options = searchable([{ value: "llama3.2:1b" }, { value: "other" }]);
  const { rows, entries } = listing(options, "llama3.2", "first");
  expect(rows[0]).toEqual({ kind: "free", text: "llama3.2", index: 0 });
  expect(rows[1]).toMatchObject({ kind: "option", index: 1 });
  expect(entries).toEqual([0, 1]);
  expect(listing(options, "other", "first").rows[0]?.kind).toBe("option");
});
