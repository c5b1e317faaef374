// Amounts of the ledger in words.
import type { UsageParams, UsageRow } from "../protocol";
import { count, dollars } from "../ui/amounts";

export const tokens = (row: UsageRow) => row.input_tokens + row.output_tokens;

export const requests = (number: number) =>
  `${number.toLocaleString("en")} ${number === 1 ? "request" : "requests"}`;

/** What a row has cost; "not known" where no price of it is. */
export const costOf = (row: UsageRow) =>
  !row.cost && row.unpriced === row.requests ? "not known" : dollars(row.cost);

export type Span = Required<UsageParams>["span"];
export type By = Required<UsageParams>["by"];

export const SPANS: ReadonlyArray<{ value: Span; label: string }> = [
  { value: "today", label: "Today" },
  { value: "7d", label: "Last 7 days" },
  { value: "month", label: "This month" },
  { value: "30d", label: "Last 30 days" },
  { value: "90d", label: "Last 90 days" },
  { value: "year", label: "This year" },
  { value: "all", label: "All" },
];

export const BYS: ReadonlyArray<{ value: By; label: string }> = [
  { value: "model", label: "Model" },
  { value: "provider", label: "Provider" },
  { value: "notebook", label: "Notebook" },
  { value: "conversation", label: "Conversation" },
  { value: "purpose", label: "Purpose" },
];

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** "30 Nov" of "2026-11-30", "Nov 2026" of "2026-11". */
export function day(name: string): string {
  const [year = "", month = "", number] = name.split("-");
  const short = MONTHS[Number(month) - 1] ?? month;
  return number ? `${Number(number)} ${short}` : `${short} ${year}`;
}

/** A sentence that says what a plot shows, for who cannot see it. */
export function plotWords(times: readonly UsageRow[], what: "cost" | "tokens"): string {
  const value = (row: UsageRow) => (what === "cost" ? row.cost : tokens(row));
  const say = (number: number) =>
    what === "cost" ? dollars(number) : `${count(number)} tokens`;
  const used = times.filter((row) => row.requests > 0);
  const [first, last] = [times[0], times.at(-1)];
  if (!first || !last || !used.length) return "Nothing was sent.";
  const top = used.reduce((a, b) => (value(b) > value(a) ? b : a));
  const sum = used.reduce((total, row) => total + value(row), 0);
  const span =
    first === last
      ? `On ${day(first.name)}`
      : `From ${day(first.name)} to ${day(last.name)}`;
  const most = first === last ? "" : `, most on ${day(top.name)}: ${say(value(top))}`;
  return `${span}: ${say(sum)}${most}.`;
}
