import { describe, expect, it } from "vitest";
import { modelOptions } from "../../src/ui/ModelSelect";
import { group, model } from "../wire";

const quick = group({
  provider: "quick",
  title: "Quick",
  models: [{ ...model("quick/a"), context_window: 131072 }, model("quick/b")],
});
const problem = "It is not running.";

describe("the models to choose from", () => {
  it("are under their providers, with the context they have where it is known", () => {
    expect(modelOptions([quick])).toEqual([
      { value: "quick/a", group: "Quick", description: "131k tokens" },
      { value: "quick/b", group: "Quick", description: "" },
    ]);
  });

  it("begin with the default where there is one, found by that word", () => {
    const [first, ...rest] = modelOptions([quick], "quick/b");
    expect(first).toMatchObject({ value: "", label: "quick/b", keywords: "default" });
    expect(rest).toEqual(modelOptions([quick]));
  });

  it("say why a provider has none, which cannot be chosen", () => {
    const down = group({ provider: "down", title: "Down", problem });
    expect(modelOptions([down, group({ provider: "empty", title: "Empty" })])).toEqual([
      { value: "?Down", label: problem, group: "Down", disabled: true },
    ]);
  });

  it("stay while their list is stale", () => {
    expect(modelOptions([{ ...quick, problem }])).toEqual(modelOptions([quick]));
  });
});
