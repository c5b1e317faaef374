import { describe, expect, it } from "vitest";
import { difference, type Piece, readable } from "../../src/compare/difference";

const oldOf = (pieces: Piece[]) =>
  pieces
    .filter(({ kind }) => kind !== "added")
    .map(({ text }) => text)
    .join("");
const freshOf = (pieces: Piece[]) =>
  pieces
    .filter(({ kind }) => kind !== "removed")
    .map(({ text }) => text)
    .join("");
const marked = (pieces: Piece[]) =>
  pieces
    .map(({ kind, text }) =>
      kind === "same" ? text : kind === "added" ? `[+${text}]` : `[-${text}]`,
    )
    .join("");

/** How many words differ at least: by the table of all prefixes. */
function fewest(a: string[], b: string[]): number {
  let row = b.map((_, j) => j + 1);
  row.unshift(0);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(
        a[i - 1] === b[j - 1]
          ? (row[j - 1] as number)
          : Math.min(row[j] as number, next[j - 1] as number) + 1,
      );
    }
    row = next;
  }
  return row[b.length] as number;
}

describe("difference", () => {
  it.each([
    ["", "", ""],
    ["one", "one", "one"],
    ["", "new", "[+new]"],
    ["old", "", "[-old]"],
    ["a red fox", "a blue fox", "a [-red][+blue] fox"],
    ["the fox", "the quick fox", "the [+quick ]fox"],
    ["It ends.", "It ends!", "It ends[-.][+!]"],
    ["naïve café", "naive café", "[-naïve][+naive] café"],
  ])("from %j to %j is %j", (old, fresh, shown) => {
    expect(marked(difference(old, fresh))).toBe(shown);
  });

  it.each([
    [
      "The depth is bound",
      "Think of two mirrors",
      "[-The depth is bound][+Think of two mirrors]",
    ],
    ["a b c", "a x c", "a [-b][+x] c"],
    ["the end, now", "the end", "the end[-, now]"],
    ["one", "two.", "[-one][+two.]"],
    ["It is red.", "It was blue.", "It [-is red][+was blue]."],
  ])("from %j to %j reads %j", (old, fresh, shown) => {
    expect(marked(readable(difference(old, fresh)))).toBe(shown);
  });

  it("keeps both texts whole and differs in as few words as can be", () => {
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 1103515245 + 12345) & 0x7fffffff;
      return seed % below;
    };
    for (let round = 0; round < 300; round++) {
      const text = () =>
        Array.from({ length: random(24) }, () => "abcd"[random(4)] as string);
      const [old, fresh] = [text(), text()];
      // Without spaces between them, each mark is a word of its own.
      const mark = (words: string[]) =>
        words.map((word) => "!?;:"["abcd".indexOf(word)]);
      const [a, b] = [mark(old).join(""), mark(fresh).join("")];
      const pieces = difference(a, b);
      expect(oldOf(pieces)).toBe(a);
      expect(freshOf(pieces)).toBe(b);
      const merged = readable(pieces);
      expect([oldOf(merged), freshOf(merged)]).toEqual([a, b]);
      const changed = pieces.filter(({ kind }) => kind !== "same");
      const count = changed.reduce((sum, { text }) => sum + text.length, 0);
      expect(count).toBe(fewest(old, fresh));
    }
  });

  it("says of texts with nothing in common that all is other", () => {
    const old = Array.from({ length: 20_000 }, (_, n) => `a${n}`).join(" ");
    const fresh = Array.from({ length: 20_000 }, (_, n) => `b${n}`).join("\n");
    const pieces = difference(old, fresh);
    expect(pieces.map(({ kind }) => kind)).toEqual(["removed", "added"]);
    expect([oldOf(pieces), freshOf(pieces)]).toEqual([old, fresh]);
  });

  it("finds one changed word in a long text", () => {
    const words = Array.from({ length: 5000 }, (_, n) => `w${n}`);
    const fresh = words.with(2500, "other").join(" ");
    const pieces = difference(words.join(" "), fresh);
    expect(pieces.filter(({ kind }) => kind !== "same")).toEqual([
      { kind: "removed", text: "w2500" },
      { kind: "added", text: "other" },
    ]);
  });
});
