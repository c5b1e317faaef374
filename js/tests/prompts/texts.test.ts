import { describe, expect, it } from "vitest";
import { beside } from "../../src/prompts/lines";
import { marked, namesIn } from "../../src/prompts/marks";
import { counts, filtered, summary, usual } from "../../src/prompts/offering";
import type { CandidateData } from "../../src/protocol";

const names = (text: string, ...known: string[]) =>
  marked(text, new Set(known))
    .filter(({ name }) => name)
    .map(({ text }) => text);

describe("variables in a text", () => {
  it("are marked if they are declared, and nothing else is", () => {
    const text =
      "{{lang}} {{ other }} {{{lang}}} {{lang}}} {lang} {{la ng}} {{ lang.a[0] }}";
    expect(names(text, "lang")).toEqual(["{{lang}}", "{{ lang.a[0] }}"]);
    const whole = marked(text, new Set(["lang"]));
    expect(whole.map((piece) => piece.text).join("")).toBe(text);
    expect(namesIn(text)).toEqual(["lang", "other"]);
  });

  it("may have letters of any script", () => {
    expect(namesIn("{{größe}} {{ 言語 }} {{1st}}")).toEqual(["größe", "言語"]);
  });

  it("are found fast among nothing but braces", () => {
    const before = performance.now();
    expect(namesIn("{{".repeat(50_000))).toEqual([]);
    expect(namesIn(`{{a${".b".repeat(20_000)}`)).toEqual([]);
    expect(performance.now() - before).toBeLessThan(2000);
  });
});

describe("two prompts side by side", () => {
  it("have their changed lines beside each other", () => {
    expect(beside("a\nb\nc", "a\nB\nB2\nc")).toEqual([
      { mine: "a", theirs: "a", same: true },
      { mine: "b", theirs: "B", same: false },
      { mine: null, theirs: "B2", same: false },
      { mine: "c", theirs: "c", same: true },
    ]);
  });

  it("are whole, however much they differ", () => {
    const mine = Array.from({ length: 3000 }, (_, n) => `m${n}`).join("\n");
    const theirs = Array.from({ length: 3000 }, (_, n) => `t${n}`).join("\n");
    const rows = beside(mine, theirs);
    expect(rows.map((row) => row.mine).join("\n")).toBe(mine);
    expect(rows.map((row) => row.theirs).join("\n")).toBe(theirs);
  });
});

const candidate = (name: string, state: CandidateData["state"]): CandidateData => ({
  name,
  description: `about ${name}`,
  tags: ["tag"],
  state,
  current: "",
  beside: "",
});

describe("what a source offers", () => {
  const all = [
    candidate("one", "new"),
    candidate("two", "changed"),
    candidate("three", "edited"),
    candidate("four", "same"),
    candidate("five", "deleted"),
  ];

  it("is counted, filtered by words and by what it means", () => {
    expect(counts(all)).toEqual({
      new: 1,
      changed: 1,
      edited: 1,
      taken: 0,
      deleted: 1,
      same: 1,
    });
    expect(filtered(all, "TAG about t", null).map(({ name }) => name)).toContain("two");
    expect(filtered(all, "three", "new")).toEqual([]);
    expect(filtered(all, "", "edited").map(({ name }) => name)).toEqual(["three"]);
  });

  it("is chosen at first if it is new or changed", () => {
    expect(all.filter(usual).map(({ name }) => name)).toEqual(["one", "two"]);
  });

  it("is summed up once it was imported", () => {
    expect(summary({ added: ["a", "b"], updated: [], beside: ["c"] })).toBe(
      "Imported: 2 added, 1 added beside yours.",
    );
    expect(summary({ added: [], updated: [], beside: [] })).toBe("Nothing changed.");
  });
});
