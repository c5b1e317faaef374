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

/** Where the code and the formulas of a row have pipes. */
function innerPipes(row: string): Set<number> {
  const pipes = new Set<number>();
  PART.lastIndex = 0;
  for (let found = PART.exec(row); found; found = PART.exec(row)) {
    const at = found.index;
    const [mark] = found;
    let end = at + mark.length;
    if (mark.startsWith("`")) {
      const close = row.indexOf(mark, end);
      if (close >= 0) end = close + mark.length;
    } else end = formulaAt(row, at)?.end ?? end;
    for (let pipe = row.indexOf("|", at); pipe >= 0 && pipe < end; ) {
      pipes.add(pipe);
      pipe = row.indexOf("|", pipe + 1);
    }
    PART.lastIndex = end;
  }
  return pipes;
}

/** The row with the pipes in its code and formulas escaped. */
function escaped(row: string): string {
  const pipes = innerPipes(row);
  return row.replace(/\\?\|/g, (pipe, at: number) => (pipes.has(at) ? "\\|" : pipe));
}

/** Where the last cell of a row begins. */
export function lastCell(row: string): number {
  const pipes = innerPipes(row);
  let at = row.length;
  do at = row.lastIndexOf("|", at - 1);
  while (at > 0 && (pipes.has(at) || row[at - 1] === "\\"));
  return at + 1;
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
