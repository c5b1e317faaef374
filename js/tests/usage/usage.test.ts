import { expect, test } from "vitest";
import type { BudgetData, UsageData, UsageRow } from "../../src/protocol";
import { budgetWords } from "../../src/usage/Budget";
import { ceiling } from "../../src/usage/Plot";
import { initial, limit, reduce } from "../../src/usage/reducer";
import { costOf, day, plotWords } from "../../src/usage/words";

const row = (name: string, more: Partial<UsageRow> = {}): UsageRow => ({
  name,
  requests: 1,
  failed: 0,
  bytes: 100,
  attachments: 0,
  input_tokens: 10,
  output_tokens: 5,
  cost: 0,
  unpriced: 0,
  ...more,
});

const setting = (key: string, value: number | null) => ({
  key,
  title: key,
  description: "",
  kind: "number" as const,
  optional: true,
  choices: [],
  default: null,
  value,
});

const budget = (
  cost: number,
  warn: number | null,
  stop: number | null,
): BudgetData => ({
  month: "November",
  cost,
  settings: [setting("budget.warn", warn), setting("budget.stop", stop)],
});

const sums = (total: UsageRow): UsageData => ({
  total,
  times: [],
  rows: [],
  hosts: [],
  by_month: false,
});

test("a snapshot brings the budget, and an event a new one", () => {
  const data = { seq: 1, budget: budget(1, null, 20) };
  let now = reduce(initial, { event: "snapshot", data });
  expect(now.ready).toBe(true);
  now = reduce(now, { event: "budget", data: budget(2, null, 20) });
  expect(now.budget?.cost).toBe(2);
});

test("the response to what is no longer asked is dropped", () => {
  const month = { span: "month", by: "model" } as const;
  const year = { span: "year", by: "model" } as const;
  let now = reduce(initial, { event: "asking", data: month });
  now = reduce(now, { event: "asking", data: year });
  const usage = sums(row("", { requests: 1 }));
  now = reduce(now, { event: "summed", data: { asked: month, usage } });
  expect(now.usage).toBeNull();
  expect(now.asking).toBe(true);
  now = reduce(now, { event: "summed", data: { asked: year, usage } });
  expect(now.usage).toBe(usage);
  expect(now.asking).toBe(false);
});

test("the failure of what is no longer asked is dropped too", () => {
  const month = { span: "month", by: "model" } as const;
  const purpose = { span: "month", by: "purpose" } as const;
  const error = { code: "busy", message: "The database is busy." };
  let now = reduce(initial, { event: "asking", data: purpose });
  now = reduce(now, { event: "asking", data: month });
  const late = { event: "failed", data: { asked: purpose, error } } as const;
  expect(reduce(now, late)).toBe(now);
  now = reduce(now, { event: "failed", data: { asked: month, error } });
  expect(now).toMatchObject({ asking: false, problem: error });
  // A file that could not be made ends no sum.
  now = reduce(now, { event: "asking", data: month });
  now = reduce(now, { event: "failed", data: { error } });
  expect(now).toMatchObject({ asking: true, problem: error });
});

test("a limit is shown as soon as it is accepted, and its error goes", () => {
  let now = reduce(initial, { event: "budget", data: budget(1, null, null) });
  const error = { code: "usage", message: "No." };
  now = reduce(now, { event: "refused", data: { key: "budget.stop", error } });
  expect(now.errors["budget.stop"]).toBe(error);
  now = reduce(now, { event: "kept", data: { key: "budget.stop", value: 30 } });
  expect(now.errors).toEqual({});
  expect(limit(now.budget as BudgetData, "budget.stop")).toBe(30);
  expect(limit(now.budget as BudgetData, "budget.warn")).toBeNull();
});

test("the budget is said by what it has come to", () => {
  expect(budgetWords(budget(5, null, null)).note).toBe("No budget is set.");
  expect(budgetWords(budget(5, 10, 20)).note).toBe("Warns at $10.00. Stops at $20.00.");
  expect(budgetWords(budget(12, 10, 20))).toEqual({
    state: "warned",
    note: "Above $10.00. Stops at $20.00.",
  });
  expect(budgetWords(budget(20, 10, 20)).state).toBe("stopped");
  expect(budgetWords(budget(0, null, 0)).state).toBe("stopped");
});

test.each([
  [0, 1],
  [0.013, 0.02],
  [0.2, 0.2],
  [1, 1],
  [3, 5],
  [7, 10],
  [101, 200],
  [Number.NaN, 1],
])("the scale of %d ends at %d", (most, end) => {
  expect(ceiling(most)).toBeCloseTo(end, 9);
});

test("days and months are named shortly", () => {
  expect(["2026-11-03", "2026-11"].map(day)).toEqual(["3 Nov", "Nov 2026"]);
});

test("a plot is said in a sentence", () => {
  const times = [row("2026-11-01", { cost: 1 }), row("2026-11-02", { cost: 3 })];
  expect(plotWords(times, "cost")).toBe(
    "From 1 Nov to 2 Nov: $4.00, most on 2 Nov: $3.00.",
  );
  expect(plotWords(times.slice(1), "tokens")).toBe("On 2 Nov: 15 tokens.");
  expect(plotWords([row("2026-11-01", { requests: 0 })], "cost")).toBe(
    "Nothing was sent.",
  );
});

test("a cost that is not known is not said to be nothing", () => {
  expect(costOf(row("a"))).toBe("$0.00");
  expect(costOf(row("a", { unpriced: 1 }))).toBe("not known");
  expect(costOf(row("a", { requests: 2, unpriced: 1 }))).toBe("$0.00");
});
