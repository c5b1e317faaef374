import { describe, expect, it } from "vitest";
import { matches, SHOWN } from "../../src/chat/prompt-names";
import { missing } from "../../src/chat/prompt-values";
import { initial, reduce } from "../../src/chat/reducer";
import type { ChosenPrompt, PromptChoice } from "../../src/protocol";

const choice = (name: string): PromptChoice => ({
  name,
  description: "",
  favourite: false,
  encrypted: false,
});

const ALL = ["extract_wisdom", "summarize", "summarize_paper", "write_essay"].map(
  choice,
);

const found = (query: string) => matches(query, ALL).map(({ name }) => name);

describe("a prompt that is named by a slash", () => {
  it("is found by its beginning first, then by any part, then by its letters", () => {
    expect(found("summarize")).toEqual(["summarize", "summarize_paper"]);
    expect(found("PAPER")).toEqual(["summarize_paper"]);
    expect(found("sum pap")[0]).toBe("summarize_paper");
    expect(found("wess")).toContain("write_essay");
    expect(found("zzz")).toEqual([]);
  });

  it("is taken by Enter only if the query stands in its name", () => {
    const sure = (query: string) => matches(query, ALL)[0]?.plain;
    expect([sure("wis"), sure("etc"), sure("")]).toEqual([true, false, true]);
  });

  it("is one of a few, however many there are", () => {
    const many = Array.from({ length: 500 }, (_, n) => choice(`prompt ${n}`));
    expect(matches("", many)).toHaveLength(SHOWN);
    expect(matches("prompt", many)).toHaveLength(SHOWN);
  });
});

describe("the chosen prompt", () => {
  const chosen: ChosenPrompt = {
    name: "summarize",
    version: 2,
    description: "",
    asks: false,
    takes_input: false,
    submit: false,
    locked: false,
    variables: [
      { name: "lang", description: "" },
      { name: "tone", default: "", description: "" },
    ],
    values: {},
    text: "",
  };

  it("stays until the kernel says that it has asked", () => {
    const now = reduce(initial, { event: "prompt", data: chosen });
    expect(now.prompt).toBe(chosen);
    const asked = { event: "asked", data: { text: "x", turn: null } } as const;
    expect(reduce(now, asked).prompt).toBe(chosen);
    const none = { event: "prompt", data: { ...chosen, name: "" } } as const;
    expect(reduce(now, none).prompt).toBeNull();
  });

  it("may bring a text for the composer", () => {
    const data = { ...chosen, text: "mine" };
    const now = reduce(initial, { event: "prompt", data });
    expect([now.draft, now.drafts]).toEqual(["mine", 1]);
  });

  it("needs a value where there is no default", () => {
    expect(missing(chosen.variables, {})).toEqual(["lang"]);
    expect(missing(chosen.variables, { lang: " " })).toEqual(["lang"]);
    expect(missing(chosen.variables, { lang: "fr" })).toEqual([]);
  });
});
