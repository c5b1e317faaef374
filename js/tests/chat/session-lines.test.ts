import { describe, expect, it } from "vitest";
import {
  DELETED,
  deletedLines,
  foldersOf,
  type Line,
  linesOf,
  shownName,
  tagsIn,
  tagsOf,
  whenOf,
} from "../../src/chat/session-lines";
import type { SessionEntry } from "../../src/protocol";

const entry = (name: string, more: Partial<SessionEntry> = {}): SessionEntry => ({
  name,
  used: 0,
  created: 0,
  turns: 1,
  folder: "",
  tags: [],
  pinned: false,
  encrypted: false,
  locked: false,
  ...more,
});
const look = (more: Partial<Parameters<typeof linesOf>[1]> = {}) => ({
  sort: "used" as const,
  tags: [],
  folded: new Set<string>(),
  ...more,
});
const words = (lines: readonly Line[]) =>
  lines.map((line) =>
    line.kind === "group"
      ? `${line.folded ? ">" : "v"} ${line.title} ${line.count}`
      : line.kind === "session"
        ? line.session.name
        : line.kind === "deleted"
          ? line.entry.title
          : line.hit.session,
  );

describe("the lines of the list", () => {
  it("are the conversations alone where there is one group of them", () => {
    const all = [entry("a", { used: 1 }), entry("b", { used: 2 })];
    expect(words(linesOf(all, look()))).toEqual(["b", "a"]);
    expect(words(linesOf(all, look({ sort: "name" })))).toEqual(["a", "b"]);
    expect(linesOf([], look())).toEqual([]);
  });

  it("begin with pinned ones, then folders by name, then the others", () => {
    const all = [
      entry("x"),
      entry("in b", { folder: "b" }),
      entry("in a", { folder: "a" }),
      entry("pinned in b", { folder: "b", pinned: true }),
    ];
    expect(words(linesOf(all, look()))).toEqual([
      ...["v Pinned 1", "pinned in b"],
      ...["v a 1", "in a", "v b 1", "in b", "v No folder 1", "x"],
    ]);
    const folded = new Set(["folder a", "others"]);
    expect(words(linesOf(all, look({ folded })))).toEqual([
      ...["v Pinned 1", "pinned in b", "> a 1", "v b 1", "in b", "> No folder 1"],
    ]);
  });

  it("are those that have all the tags", () => {
    const all = [entry("a", { tags: ["x", "y"] }), entry("b", { tags: ["x"] })];
    expect(words(linesOf(all, look({ tags: ["x", "y"] })))).toEqual(["a"]);
  });

  it("end with those that can be restored, folded unless it was unfolded", () => {
    const gone = { encrypted: false, locked: false, deleted: 1 };
    const deleted = [{ name: "locked-1", title: "a", ...gone }];
    const folded = new Set([DELETED]);
    expect(deletedLines([], look({ folded }))).toEqual([]);
    expect(words(deletedLines(deleted, look({ folded })))).toEqual([
      "> Recently deleted 1",
    ]);
    expect(words(deletedLines(deleted, look()))).toEqual(["v Recently deleted 1", "a"]);
    // They have no tags to narrow by.
    expect(deletedLines(deleted, look({ tags: ["x"] }))).toEqual([]);
  });

  it("come at once for thousands", () => {
    const all = Array.from({ length: 5000 }, (_, n) =>
      entry(`n${n}`, { used: n, folder: `f${n % 9}` }),
    );
    const begun = performance.now();
    expect(linesOf(all, look())).toHaveLength(5009);
    expect(performance.now() - begun).toBeLessThan(500);
  });
});

it("tags are counted, split at commas and each taken once", () => {
  const all = [entry("a", { tags: ["x", "y"] }), entry("b", { tags: ["y"] })];
  expect(tagsOf(all)).toEqual(["y", "x"]);
  expect(tagsIn(" a, b,,a ")).toEqual(["a", "b"]);
});

it("folders are listed once each", () => {
  const all = [entry("a", { folder: "f" }), entry("b", { folder: "f" }), entry("c")];
  expect(foldersOf(all)).toEqual(["f"]);
});

it("a locked conversation has no name that says anything", () => {
  expect(shownName(entry("locked-12", { locked: true }))).toBe("Locked conversation");
  expect(shownName(entry("a/b.ipynb"))).toBe("b.ipynb");
});

it("what was today has a time, what was this year no year", () => {
  const now = new Date(2026, 10, 30, 12, 0).getTime() / 1000;
  expect(whenOf(now - 60, now)).toMatch(/11.59/);
  expect(whenOf(now - 40 * 86_400, now)).not.toMatch(/2026/);
  expect(whenOf(now - 400 * 86_400, now)).toMatch(/2025/);
});
