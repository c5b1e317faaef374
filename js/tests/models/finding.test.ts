import { describe, expect, it } from "vitest";
import {
  capabilities,
  found,
  installed,
  names,
  pulls,
  whole,
} from "../../src/models/finding";
import type { LibraryModelData } from "../../src/protocol";
import { modelRow } from "../wire";

const offer = (
  name: string,
  more: Partial<LibraryModelData> = {},
): LibraryModelData => ({
  name,
  description: "",
  capabilities: [],
  sizes: [],
  updated: "",
  url: "",
  ...more,
});

const ALL = [
  offer("qwen3", { capabilities: ["tools", "thinking"], sizes: ["8b"] }),
  offer("llama3.2", { capabilities: ["tools"], description: "Small models of Meta" }),
  offer("gemma3", { capabilities: ["vision"], description: "Better than qwen3" }),
];

const seen = (wanted: Partial<Parameters<typeof found>[1]>) =>
  found(ALL, { query: "", capability: "", sort: "popular", ...wanted }).map(
    ({ name }) => name,
  );

describe("the library", () => {
  it("is in the order of the site, or by name", () => {
    expect(seen({})).toEqual(["qwen3", "llama3.2", "gemma3"]);
    expect(seen({ sort: "name" })).toEqual(["gemma3", "llama3.2", "qwen3"]);
  });

  it("is searched by names first, and then by what is said", () => {
    expect(seen({ query: "qwen3" })).toEqual(["qwen3", "gemma3"]);
    expect(seen({ query: "small meta" })).toEqual(["llama3.2"]);
    expect(seen({ query: "qwen3", capability: "vision" })).toEqual(["gemma3"]);
  });

  it("has the capabilities of its models, the most frequent first", () => {
    expect(capabilities(ALL)).toEqual(["tools", "thinking", "vision"]);
    expect(seen({ capability: "tools" })).toEqual(["qwen3", "llama3.2"]);
  });

  it("gives the names that can be pulled", () => {
    expect(names(ALL).map(({ value }) => value)).toEqual([
      "qwen3",
      "qwen3:8b",
      "llama3.2",
      "gemma3",
    ]);
  });
});

it("knows what is installed by its name in full", () => {
  const rows = [modelRow("qwen3:8b"), modelRow("smollm2", { provider: "embedded" })];
  expect(installed(rows)).toEqual(new Set(["qwen3:8b"]));
  expect(whole("llama3")).toBe("llama3:latest");
  expect(whole("box:8080/me/llama3")).toBe("box:8080/me/llama3:latest");
  expect(whole("hf.co/a/b:Q4_K_M")).toBe("hf.co/a/b:Q4_K_M");
});

it("says how often a model was pulled", () => {
  expect([950, 12_400, 128_000, 999_600, 4_120_000, 41_200_000].map(pulls)).toEqual([
    "950",
    "12k",
    "128k",
    "1.0M",
    "4.1M",
    "41M",
  ]);
});
