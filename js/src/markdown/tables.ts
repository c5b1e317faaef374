// Rows of tables whose code or formulas have pipes in them: `| $|x|$ | a |`.
import { formulaAt } from "./math";

const PIPE = /\\\||\|/g;
const PART = /\\.|`+|\$/g;

/** How many cells a row has. */
export function cellCount(row: string): number {
  const inner = row
    .trim()
    .replace(/^\|/, "")
    .replace(/(?<!\\)\|$/, "");
  return 1 + [...inner.matchAll(PIPE)].filter(([pipe]) => pipe === "|").length;
}

/** The row with the pipes in its code and formulas escaped. */
function escaped(row: string): string {
  let out = "";
  let from = 0;
  PART.lastIndex = 0;
  for (let found = PART.exec(row); found; found = PART.exec(row)) {
    const at = found.index;
    const [mark] = found;
    let end = at + mark.length;
    if (mark.startsWith("`")) {
      const close = row.indexOf(mark, end);
      if (close >= 0) end = close + mark.length;
    } else end = formulaAt(row, at)?.end ?? end;
    out += row.slice(from, at) + row.slice(at, end).replace(/(?<!\\)\|/g, "\\|");
    from = end;
    PART.lastIndex = end;
  }
  return out + row.slice(from);
}

/**
 * The rows of a table, of which those that have too many cells are read anew: pipes in
 * code and formulas no longer count if the row then has as many cells as the table.
 */
export function rowsWithOwnPipes(table: string): string {
  const rows = table.split("\n");
  const columns = cellCount(rows[1] ?? "");
  return rows
    .map((row) => {
      if (cellCount(row) <= columns) return row;
      const other = escaped(row);
      return cellCount(other) === columns ? other : row;
    })
    .join("\n");
}
