// The columns of the installed models: what is shown, sorted and searched.
import type { ModelRow, PlaceData } from "../protocol";
import { bytes, count } from "../ui/amounts";
import { rank } from "../ui/fuzzy";
import { type Sortable, sorted } from "../ui/sorting";

export interface Column {
  key: string;
  label: string;
  value: (row: ModelRow) => Sortable;
  text: (row: ModelRow, now: number) => string;
  /** Numbers begin with the largest. */
  down?: boolean;
}

const day = new Intl.DateTimeFormat("en", {
  day: "numeric",
  month: "short",
  year: "numeric",
});

/** The day of a time, or how long ago it was if that is less than a day. */
export function when(seconds: number | null | undefined, now: number): string {
  if (seconds == null) return "";
  const past = now - seconds;
  // `now` may be the beginning of this minute.
  if (past < -60 || past >= 86_400) return day.format(new Date(seconds * 1000));
  if (past < 60) return "just now";
  const [amount, unit] = past < 3600 ? [past / 60, "min"] : [past / 3600, "h"];
  return `${Math.floor(amount)} ${unit} ago`;
}

/** What a model can do beside answering, in the order in which it matters. */
const ABLE = ["embedding", "vision", "audio", "tools", "thinking", "insert", "image"];

export const abilities = ({ capabilities }: Pick<ModelRow, "capabilities">) => {
  const known = ABLE.filter((each) => capabilities.includes(each));
  const rest = capabilities.filter(
    (each) => each !== "completion" && !ABLE.includes(each),
  );
  return [...known, ...rest];
};

/** The number of parameters, as a number: "1.2B" is 1.2e9. */
export function parameters(text: string): number | null {
  const [, amount, unit = ""] = /^([\d.]+)\s*([KMBT]?)/i.exec(text) ?? [];
  if (!amount) return null;
  const factor = { K: 1e3, M: 1e6, B: 1e9, T: 1e12 }[unit.toUpperCase()] ?? 1;
  return Number(amount) * factor;
}

export const COLUMNS: readonly Column[] = [
  { key: "name", label: "Model", value: (row) => row.name, text: (row) => row.name },
  {
    key: "size",
    label: "Size",
    value: (row) => row.size,
    text: ({ size }) => (size == null ? "" : bytes(size)),
    down: true,
  },
  {
    key: "quantization",
    label: "Quantization",
    value: (row) => row.quantization,
    text: (row) => row.quantization,
  },
  {
    key: "family",
    label: "Family",
    value: (row) => row.family,
    text: ({ family, parameters }) => [family, parameters].filter(Boolean).join(" "),
  },
  {
    key: "context",
    label: "Context",
    value: (row) => row.context_window,
    text: ({ context_window: window }) => (window ? count(window) : ""),
    down: true,
  },
  {
    key: "capabilities",
    label: "Capabilities",
    value: (row) => abilities(row).join(" "),
    text: (row) => abilities(row).join(", "),
  },
  {
    key: "modified",
    label: "Modified",
    value: (row) => row.modified,
    text: ({ modified }, now) => when(modified, now),
    down: true,
  },
  {
    key: "running",
    label: "Running",
    value: (row) => (row.loaded ? 1 : 0),
    text: ({ loaded }) => (loaded ? "running" : ""),
    down: true,
  },
];

type Place = Pick<PlaceData, "sort" | "down" | "filter">;

/** The order after a click on a column's head: its first direction, the other, none. */
export function ordered(now: Place, key: string): Pick<PlaceData, "sort" | "down"> {
  const first = COLUMNS.find((column) => column.key === key)?.down ?? false;
  if (now.sort !== key) return { sort: key, down: first };
  return now.down === first ? { sort: key, down: !first } : { sort: "", down: false };
}

/** The text in which a filter is looked for. */
const searched = (row: ModelRow) =>
  [
    row.name,
    row.family,
    row.quantization,
    row.parameters,
    row.provider === "embedded" && "embedded",
    ...row.capabilities,
    row.remote && "cloud",
    row.loaded && "running",
  ]
    .filter(Boolean)
    .join(" ")
    .toLowerCase();

/** The rows that match a filter, those whose names do first. */
function matching(rows: readonly ModelRow[], filter: string): readonly ModelRow[] {
  if (!filter.trim()) return rows;
  const by = (text: (row: ModelRow) => string) =>
    rank(
      filter,
      rows.map((row) => [row, text(row)] as const),
    );
  return [...new Set([...by(({ name }) => name.toLowerCase()), ...by(searched)])];
}

/** The rows that match the filter: in the chosen order, without one the best first. */
export function arranged(rows: readonly ModelRow[], place: Place): readonly ModelRow[] {
  const by = COLUMNS.find(({ key }) => key === place.sort);
  return sorted(matching(rows, place.filter), by?.value, place.down);
}

/** The bytes that deleting some models frees: weights are shared by digest. */
export function freed(rows: readonly ModelRow[], gone: ReadonlySet<string>): number {
  const kept = new Set(rows.filter(({ id }) => !gone.has(id)).map((row) => row.digest));
  const sizes = new Map<string, number>();
  for (const { id, digest, size, downloaded, file_stays: stays } of rows) {
    if (!gone.has(id) || (digest && kept.has(digest))) continue;
    if (!downloaded || stays) continue;
    sizes.set(digest || id, size ?? 0);
  }
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}
