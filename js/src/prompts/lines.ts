// Two texts side by side, line by line.
import { diffArrays } from "diff";

/** A row: a line of each text, or null where one of them has none. */
export interface Line {
  mine: string | null;
  theirs: string | null;
  same: boolean;
}

/** With more differing lines than this, two texts have too little in common. */
const MOST = 600;

/** The rows of two texts; lines that were changed stand beside each other. */
export function beside(mine: string, theirs: string): Line[] {
  const [left, right] = [mine.split("\n"), theirs.split("\n")];
  const found = diffArrays(left, right, { maxEditLength: MOST }) ?? [
    { removed: true, added: false, value: left },
    { removed: false, added: true, value: right },
  ];
  const rows: Line[] = [];
  let gone: string[] = [];
  let come: string[] = [];
  const end = () => {
    for (let at = 0; at < Math.max(gone.length, come.length); at++)
      rows.push({ mine: gone[at] ?? null, theirs: come[at] ?? null, same: false });
    gone = [];
    come = [];
  };
  for (const { added, removed, value } of found) {
    if (removed) gone = gone.concat(value);
    else if (added) come = come.concat(value);
    else {
      end();
      for (const line of value) rows.push({ mine: line, theirs: line, same: true });
    }
  }
  end();
  return rows;
}
