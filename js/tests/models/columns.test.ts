import { describe, expect, it } from "vitest";
import {
  abilities,
  arranged,
  COLUMNS,
  freed,
  ordered,
  when,
} from "../../src/models/columns";
import { modelRow } from "../wire";

const ROWS = [
  modelRow("qwen3:8b", { size: 5e9, family: "qwen3", context_window: 40_960 }),
  modelRow("llama3.2:1b", { loaded: true, modified: 3000 }),
  modelRow("cloudy", { size: null, remote: "ollama.com", family: "" }),
  modelRow("sees", { size: 2e9, capabilities: ["completion", "vision"] }),
];

const names = (place: Parameters<typeof arranged>[1]) =>
  arranged(ROWS, place).map(({ name }) => name);

const by = (sort: string, down = false, filter = "") => ({ sort, down, filter });

describe("the table", () => {
  it("is sorted by each of its columns, what has no value last", () => {
    expect(names(by("name"))).toEqual(["cloudy", "llama3.2:1b", "qwen3:8b", "sees"]);
    expect(names(by("size", true))).toEqual([
      "qwen3:8b",
      "sees",
      "llama3.2:1b",
      "cloudy",
    ]);
    expect(names(by("size"))[3]).toBe("cloudy");
    expect(names(by("family"))[3]).toBe("cloudy");
    expect(names(by("context", true))[0]).toBe("qwen3:8b");
    expect(names(by("capabilities"))[0]).toBe("sees");
    expect(names(by("modified", true))[0]).toBe("llama3.2:1b");
    expect(names(by("running", true))[0]).toBe("llama3.2:1b");
    expect(names(by(""))).toEqual(ROWS.map(({ name }) => name));
  });

  it("is filtered by all that a row says", () => {
    expect(names(by("name", false, "qwen"))).toEqual(["qwen3:8b"]);
    expect(names(by("name", false, "vision"))).toEqual(["sees"]);
    expect(names(by("name", false, "cloud"))).toEqual(["cloudy"]);
    expect(names(by("name", false, "running"))).toEqual(["llama3.2:1b"]);
    expect(names(by("name", false, "q4 llama"))).toEqual(["llama3.2:1b", "sees"]);
    expect(names(by("name", false, "zzzz"))).toEqual([]);
  });

  it("shows the best match first while it is not sorted", () => {
    expect(names(by("", false, "llama"))[0]).toBe("llama3.2:1b");
  });

  it("has a third click for no order, and numbers begin with the largest", () => {
    const once = ordered(by("name"), "size");
    expect(once).toEqual({ sort: "size", down: true });
    const twice = ordered({ ...once, filter: "" }, "size");
    expect(twice).toEqual({ sort: "size", down: false });
    expect(ordered({ ...twice, filter: "" }, "size").sort).toBe("");
    expect(ordered(by(""), "name")).toEqual({ sort: "name", down: false });
  });

  it("has a text for each column of any row", () => {
    for (const row of ROWS)
      for (const { text } of COLUMNS) expect(typeof text(row, 5000)).toBe("string");
  });
});

describe("what deleting frees", () => {
  const twins = [
    modelRow("a", { digest: "x", size: 3 }),
    modelRow("b", { digest: "x", size: 3 }),
    modelRow("c", { digest: "y", size: 4 }),
    modelRow("old", { digest: "", size: 5 }),
  ];
  const ids = (...names: string[]) => new Set(names.map((name) => `ollama/${name}`));

  it("is nothing while another name has the same weights", () => {
    expect(freed(twins, ids("a"))).toBe(0);
    expect(freed(twins, ids("a", "c"))).toBe(4);
  });

  it("is nothing for a file of the user's own, or one that is not there", () => {
    const rows = [
      modelRow("own", { file_stays: true }),
      modelRow("far", { downloaded: false }),
    ];
    expect(freed(rows, ids("own", "far"))).toBe(0);
  });

  it("counts weights once, and each model without a digest", () => {
    expect(freed(twins, ids("a", "b"))).toBe(3);
    expect(freed(twins, ids("a", "b", "c", "old"))).toBe(12);
  });
});

describe("words", () => {
  it("say what matters of what a model can do", () => {
    const all = ["completion", "zoom", "thinking", "tools", "vision"];
    expect(abilities({ capabilities: all })).toEqual([
      "vision",
      "tools",
      "thinking",
      "zoom",
    ]);
  });

  it("say when something was, recent times as how long ago", () => {
    const now = 1_800_000_000;
    expect(when(now - 5, now)).toBe("just now");
    expect(when(now + 59, now)).toBe("just now");
    expect(when(now - 600, now)).toBe("10 min ago");
    expect(when(now - 7300, now)).toBe("2 h ago");
    expect(when(now - 30 * 86_400, now)).toMatch(/^Dec \d+, 2026$/);
    // The server's clock may be ahead.
    expect(when(now + 500, now)).toMatch(/2027$/);
    expect(when(null, now)).toBe("");
  });
});
