import { describe, expect, it } from "vitest";
import { mayMention, mentionAt } from "../../src/chat/mention-words";

const typed = (text: string) => mentionAt(text, text.length)?.typed ?? null;

describe("a mention that is being typed", () => {
  it("ends at the caret", () => {
    expect(mentionAt("a @df b", 5)).toEqual({ at: 2, typed: "df" });
    expect(mentionAt("a @df b", 3)).toEqual({ at: 2, typed: "" });
    expect(mentionAt("a @df b", 7)).toBeNull();
  });

  it("is a name with attributes and keys, the last one unfinished", () => {
    for (const text of [
      "",
      "df",
      "größe",
      "df.",
      "df.pri",
      "cell[",
      "cell[3",
      "cell[3]",
    ])
      expect(typed(`Explain @${text}`)).toBe(text);
    for (const text of [
      'df["',
      'df["unit pr',
      'df["unit price"]',
      "a['b'].c[",
      "a[-1].",
    ])
      expect(typed(`(@${text}`)).toBe(text);
  });

  it("is no address, no package, no path, and not meant after a backslash", () => {
    for (const text of ["me@example", "a.b@c", "x/@y", "\\@df", "@@df", "@ df", "@3"])
      expect(typed(text)).toBeNull();
  });

  it("is not in code", () => {
    expect(typed("```\n@property")).toBeNull();
    expect(typed("`@df")).toBeNull();
    expect(typed("```\nx\n```\n@df")).toBe("df");
    expect(typed("`x` @df")).toBe("df");
  });

  it("is found fast in a long text", () => {
    const text = "@a[".repeat(100_000);
    const begun = performance.now();
    for (let n = 0; n < 20; n++) mentionAt(text, text.length);
    expect(performance.now() - begun).toBeLessThan(2_000);
  });
});

describe("a text", () => {
  it("may mention something if an @ begins a name", () => {
    for (const text of ["@df", "a\n@df", "(@df)", "@cell[3]"])
      expect(mayMention(text)).toBe(true);
    for (const text of ["", "@", "me@example.com", "\\@df", "@ df"])
      expect(mayMention(text)).toBe(false);
  });
});
