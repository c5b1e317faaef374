// The order of a table's rows.

export type Sortable = string | number | boolean | null | undefined;

export interface Order {
  key: string;
  down: boolean;
}

/** The order after a click on a column's head: ascending, descending, unsorted. */
export function pressed(now: Order | null, key: string): Order | null {
  if (now?.key !== key) return { key, down: false };
  return now.down ? null : { key, down: true };
}

const words = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

function compare(a: Sortable, b: Sortable): number {
  if (typeof a === "string" || typeof b === "string")
    return words.compare(String(a), String(b));
  return Number(a) - Number(b);
}

/** The sorted rows; rows without a value come last. The sort is stable. */
export function sorted<T>(
  rows: readonly T[],
  value: ((row: T) => Sortable) | undefined,
  down: boolean,
): readonly T[] {
  if (!value) return rows;
  const none = (each: Sortable) => each == null || each === "" || Number.isNaN(each);
  const valued = rows.map((row) => ({ row, by: value(row) }));
  return valued
    .sort((a, b) => {
      if (none(a.by) || none(b.by)) return Number(none(a.by)) - Number(none(b.by));
      return down ? compare(b.by, a.by) : compare(a.by, b.by);
    })
    .map(({ row }) => row);
}
