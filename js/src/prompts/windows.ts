// Which of many rows a page has, and which it has to ask for.
import type { FoundData, PromptRowData } from "../protocol";

/** The rows that have come, by their places among `total`. */
export interface Listed {
  total: number;
  rows: ReadonlyMap<number, PromptRowData>;
}

export const nothing: Listed = { total: 0, rows: new Map() };

/** Rows that are asked for at a time. */
export const WINDOW = 100;

/** Rows with those that came; `anew` if they are of another search. */
export function withFound(now: Listed, found: FoundData, anew: boolean): Listed {
  const rows = new Map(anew ? [] : now.rows);
  found.rows.forEach((row, at) => {
    rows.set(found.offset + at, row);
  });
  return { total: found.total, rows };
}

/** The offsets of the windows that hold the places from `first` to before `last`. */
export function windowsOf(first: number, last: number): number[] {
  const found: number[] = [];
  const begin = Math.floor(Math.max(0, first) / WINDOW) * WINDOW;
  for (let at = begin; at < last; at += WINDOW) found.push(at);
  return found;
}

/** Whether all rows of a window are there. */
export function isWhole({ rows, total }: Listed, offset: number): boolean {
  for (let at = offset; at < Math.min(offset + WINDOW, total); at++)
    if (!rows.has(at)) return false;
  return true;
}
