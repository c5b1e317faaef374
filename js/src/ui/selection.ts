// A select's state, as a function of what the user does.
import { rank } from "./fuzzy";

export interface Option {
  value: string;
  /** The text that is shown; by default the value. */
  label?: string;
  /** A description on the right. */
  description?: string;
  group?: string;
  /** More words to find it by. */
  keywords?: string;
  disabled?: boolean;
}

export type Row =
  | { kind: "group"; label: string }
  | { kind: "option"; option: Option; index: number }
  | { kind: "free"; text: string; index: number };

export interface Listing {
  rows: Row[];
  /** For each entry that can be chosen, the index of its row. */
  entries: number[];
}

export const labelOf = (option: Option) => option.label ?? option.value;

export type Searchable = readonly [option: Option, text: string];

/** Options with the text to search, computed once. */
export const searchable = (options: readonly Option[]): Searchable[] =>
  options.map((option) => [
    option,
    `${labelOf(option)} ${option.keywords ?? ""}`.trimEnd().toLowerCase(),
  ]);

/** Whether what is typed can be chosen as it is: after what matches, or before. */
export type Free = boolean | "first";

/** The rows for a query: best match first, and its group with it. */
export function listing(
  options: readonly Searchable[],
  query: string,
  free: Free,
): Listing {
  const groups = new Map<string, Option[]>();
  for (const option of rank(query, options)) {
    const name = option.group ?? "";
    const group = groups.get(name);
    if (group) group.push(option);
    else groups.set(name, [option]);
  }
  const rows: Row[] = [];
  const entries: number[] = [];
  const text = query.trim();
  const typed = () => {
    if (!text || options.some(([{ value }]) => value === text)) return;
    const row = { kind: "free", text, index: entries.length } as const;
    entries.push(rows.length);
    rows.push(row);
  };
  if (free === "first") typed();
  for (const [label, group] of groups) {
    if (label) rows.push({ kind: "group", label });
    for (const option of group) {
      const index = option.disabled ? -1 : entries.push(rows.length) - 1;
      rows.push({ kind: "option", option, index });
    }
  }
  if (free === true) typed();
  return { rows, entries };
}

/** The index of the entry with a value; -1 if it is not listed. */
export const entryOf = ({ rows, entries }: Listing, value: string) =>
  entries.findIndex((at) => {
    const row = rows[at];
    return row?.kind === "option" && row.option.value === value;
  });

export interface Picking {
  open: boolean;
  /** The typed text; null while the chosen entry is shown. */
  query: string | null;
  /** The entry that Enter chooses; -1 for none. */
  active: number;
}

export const closed: Picking = { open: false, query: null, active: -1 };

export type Act =
  | { type: "open"; at: number }
  | { type: "type"; text: string }
  | { type: "point"; at: number }
  | { type: "key"; key: string; count: number }
  | { type: "close" };

const PAGE = 10;

/** `at` of an act is an entry's index, `count` how many there are. */
export function pick(now: Picking, act: Act): Picking {
  switch (act.type) {
    case "open":
      return now.open ? now : { open: true, query: null, active: act.at };
    case "type":
      return { open: true, query: act.text, active: 0 };
    case "point":
      return { ...now, active: act.at };
    case "close":
      return closed;
    case "key": {
      const { key, count } = act;
      const last = count - 1;
      if (!now.open || last < 0) return now;
      const active = Math.min(now.active, last);
      if (key === "ArrowDown")
        return { ...now, active: active < last ? active + 1 : 0 };
      if (key === "ArrowUp") return { ...now, active: active > 0 ? active - 1 : last };
      if (key === "PageDown") return { ...now, active: Math.min(active + PAGE, last) };
      if (key === "PageUp") return { ...now, active: Math.max(active - PAGE, 0) };
      return now;
    }
  }
}
