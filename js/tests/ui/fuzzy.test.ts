import { describe, expect, it } from "vitest";
import { pieces, places, rank, score } from "../../src/ui/fuzzy";

const of = (...texts: string[]) => texts.map((text) => [text, text] as const);

describe("rank", () => {
  it("keeps all in their order without a query", () => {
    expect(rank("  ", of("b", "a"))).toEqual(["b", "a"]);
  });

  it("puts a beginning of the text before one of a word, before a middle", () => {
    const texts = of("xqwen", "ollama/qwen", "qwen2");
    expect(rank("qwen", texts)).toEqual(["qwen2", "ollama/qwen", "xqwen"]);
  });

  it("puts a whole word before a part, and the shorter text before the longer", () => {
    const texts = of("openai/gpt-4o-mini", "openai/gpt-4o", "openai/gpt-4.1");
    expect(rank("4o", texts)).toEqual(["openai/gpt-4o", "openai/gpt-4o-mini"]);
  });

  it("puts letters with gaps after letters in a run", () => {
    const texts = of("llama-3.2-vision", "l3v");
    expect(rank("l3v", texts)).toEqual(["l3v", "llama-3.2-vision"]);
  });

  it("wants all the words, in any order", () => {
    const texts = of("openrouter/meta-llama/llama-3.3-70b", "ollama/llama3.2:1b");
    expect(rank("70b router", texts)).toEqual(["openrouter/meta-llama/llama-3.3-70b"]);
  });

  it("finds nothing by letters strewn over a long text", () => {
    expect(score("ab", `a${"x".repeat(40)}b`)).toBe(0);
  });

  it("takes no letter of a query for more than a letter", () => {
    expect(rank("(.*)", of("anything"))).toEqual([]);
    expect(rank("(", of("a (b)"))).toEqual(["a (b)"]);
  });
});

it("does not care for capitals", () => {
  expect(score("GPT", "openai/Gpt-5")).toBeGreaterThan(0);
});

it("says where the letters are", () => {
  expect(places("wen oll", "ollama/qwen")).toEqual([0, 1, 2, 8, 9, 10]);
  expect(places("oq", "ollama/qwen")).toEqual([0, 7]);
  expect(places("zz", "ollama")).toEqual([]);
});

it("cuts a text where marks begin and end", () => {
  expect(pieces("abcd", [1, 2])).toEqual([
    ["a", false],
    ["bc", true],
    ["d", false],
  ]);
  expect(pieces("", [])).toEqual([]);
});
