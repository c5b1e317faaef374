import { describe, expect, it } from "vitest";
import { figures, guessedSpeed, parts } from "../../src/compare/figures";
import { type CompareModel, initial, isBusy, reduce } from "../../src/compare/reducer";
import type { ColumnData, ColumnSettled, CompareSnapshot } from "../../src/protocol";
import { column, group, model, progress } from "../wire";

type Fact = Parameters<typeof reduce>[1];

const snapshot = (
  columns: ColumnData[],
  more: Partial<CompareSnapshot> = {},
): Fact => ({
  event: "snapshot",
  data: {
    seq: 0,
    state: "waiting",
    model: "",
    lasting: true,
    session: "nb",
    prompt: "Why?",
    system: "",
    options: "",
    at: 0,
    most: 8,
    columns,
    ...more,
  },
});

const deltas = (at: number, ...all: [number, "text" | "thinking", string][]): Fact => ({
  event: "deltas",
  data: { at, deltas: all.map(([column, kind, text]) => ({ column, kind, text })) },
});

const settled = (id: number, more: Partial<ColumnSettled>): Fact => {
  const { id: column_, text: _, thinking: __, notice: ___, ...figures } = column(id);
  return { event: "settled", data: { ...figures, column: column_, ...more } };
};

const told = (...facts: Fact[]): CompareModel => facts.reduce(reduce, initial);

describe("reduce", () => {
  it("adds what comes to each column", () => {
    const now = told(
      snapshot([column(1, { text: "a" }), column(2)]),
      deltas(2, [1, "text", "b"], [2, "thinking", "hm"], [1, "text", "c"]),
      deltas(3, [2, "text", "x"]),
    );
    expect(now.columns.map(({ text, thinking }) => [text, thinking])).toEqual([
      ["abc", ""],
      ["x", "hm"],
    ]);
    expect(now.columns.map(({ state }) => state)).toEqual(["streaming", "streaming"]);
    expect(now.columns[1]?.first_token_s).toBe(1);
  });

  it("leaves a column alone that did not change", () => {
    const before = told(snapshot([column(1), column(2)]));
    const now = reduce(before, deltas(2, [1, "text", "b"]));
    expect(now.columns[1]).toBe(before.columns[1]);
    expect(now.columns[0]).not.toBe(before.columns[0]);
  });

  it.each(["done", "stopped", "failed", "idle"] as const)(
    "drops what comes for a column that is %s, or is not there",
    (state) => {
      const before = told(snapshot([column(1, { state, text: "all" })]));
      const now = reduce(before, deltas(9, [1, "text", "more"], [7, "text", "?"]));
      expect(now).toBe(before);
    },
  );

  it("keeps the text of a column that settles, and its figures", () => {
    const now = told(
      snapshot([column(1)]),
      deltas(2, [1, "text", "all of it"]),
      settled(1, { state: "done", total_s: 2, cost: "$1" }),
    );
    const [only] = now.columns;
    expect([only?.text, only?.state, only?.total_s]).toEqual(["all of it", "done", 2]);
    expect(isBusy(now)).toBe(false);
  });

  it("begins anew where a column is asked again", () => {
    const again = column(1, { asked_s: 5 });
    const now = told(
      snapshot([column(1, { state: "done", text: "old", thinking: "old" })]),
      { event: "column", data: again },
      deltas(6, [1, "text", "new"]),
    );
    const [only] = now.columns;
    expect([only?.text, only?.thinking, only?.first_token_s]).toEqual(["new", "", 1]);
  });

  it("adds a column at the end and takes one away", () => {
    const added = column(3);
    const now = told(
      snapshot([column(1), column(2)]),
      { event: "column", data: added },
      { event: "removed", data: { column: 1 } },
    );
    expect(now.columns.map(({ id }) => id)).toEqual([2, 3]);
  });

  it("shows what a column waits for until something comes", () => {
    const waits = {
      column: 1,
      notice: "Trying again.",
      progress: progress({ phase: "Loading" }),
    };
    const waiting = told(snapshot([column(1)]), { event: "waits", data: waits });
    expect(waiting.columns[0]?.notice).toBe("Trying again.");
    expect(waiting.columns[0]?.progress?.phase).toBe("Loading");
    const now = reduce(waiting, deltas(2, [1, "text", "a"]));
    expect([now.columns[0]?.notice, now.columns[0]?.progress]).toEqual(["", null]);
    const done = told(snapshot([column(1, { state: "done" })]), {
      event: "waits",
      data: waits,
    });
    expect(done.columns[0]?.notice).toBe("");
  });

  it("knows of which columns Stop was asked for, until they end", () => {
    const stopping = told(
      snapshot([column(1), column(2), column(3, { state: "done" })]),
      { event: "stop", data: { late: false, column: undefined } },
      { event: "stop", data: { column: 2, late: true } },
    );
    expect([...stopping.stops]).toEqual([
      [1, "asked"],
      [2, "late"],
    ]);
    const now = reduce(stopping, settled(1, { state: "stopped" }));
    expect([...now.stops]).toEqual([[2, "late"]]);
  });

  it("is what a snapshot says, whatever was before, but for what the page knows", () => {
    const now = told(
      { event: "reach", data: { heard: true } },
      snapshot([column(1, { state: "streaming", text: "old" })]),
      { event: "failed", data: { error: { code: "", message: "no" } } },
      { event: "stop", data: { late: false, column: undefined } },
      snapshot([column(4)], { prompt: "Else?" }),
    );
    expect(now.columns.map(({ id, text }) => [id, text])).toEqual([[4, ""]]);
    expect([now.prompt, now.heard, now.stops.size]).toEqual(["Else?", true, 0]);
    expect(now.problem?.message).toBe("no");
    expect(reduce(now, { event: "dismiss" }).problem).toBeNull();
  });

  it("takes a group of models in the place of its earlier self", () => {
    const of = (provider: string, ...models: string[]) =>
      group({ provider, models: models.map(model) });
    const now = told(
      { event: "groups", data: { groups: [of("a"), of("b", "b/1")] } },
      { event: "models", data: of("a", "a/1", "a/2") },
    );
    expect(now.groups.map(({ models }) => models.length)).toEqual([2, 1]);
  });

  it("ignores what it does not know", () => {
    expect(reduce(initial, { event: "news", data: {} } as never)).toBe(initial);
  });
});

describe("figures", () => {
  const of = (more: Partial<ColumnData>) =>
    told(snapshot([column(1, more)])).columns[0] as Parameters<typeof figures>[0];

  it("says nothing that is not known", () => {
    expect(figures(of({}))).toEqual([]);
  });

  it("says all that is", () => {
    const all = figures(
      of({
        state: "done",
        first_token_s: 0.417,
        total_s: 12.34,
        tokens_per_s: 35.4,
        input_tokens: 1200,
        output_tokens: 80,
        cost: "$0.0003",
      }),
    );
    expect(all.map(({ name, value }) => `${name} ${value}`)).toEqual([
      "First token 0.42 s",
      "Time 12.3 s",
      "Speed 35 tokens/s",
      "Tokens 1,200 → 80",
      "Cost $0.0003",
    ]);
  });

  it("guesses a speed while the answer comes, and says that it does", () => {
    const now = told(
      snapshot([column(1)]),
      deltas(2, [1, "text", "x"]),
      deltas(4, [1, "text", "y".repeat(399)]),
    );
    const [only] = now.columns;
    expect(only && guessedSpeed(only)).toBe(50);
    expect(only && figures(only).at(-1)?.value).toBe("≈ 50 tokens/s");
  });

  it("tells a provider from its model", () => {
    expect(parts("openrouter/meta/llama")).toEqual(["openrouter/", "meta/llama"]);
    expect(parts("plain")).toEqual(["", "plain"]);
  });
});
