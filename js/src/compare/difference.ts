// What differs between two texts, word by word: the shortest way from one to the other
// (E. W. Myers, An O(ND) Difference Algorithm and Its Variations, 1986).

export interface Piece {
  kind: "same" | "added" | "removed";
  text: string;
}

/** Steps after which two texts have too little in common to tell what differs. */
const MOST_STEPS = 1500;

const WORDS = /\s+|[\p{L}\p{N}\p{M}_'’]+|[^\s\p{L}\p{N}\p{M}_'’]/gu;

const WORD = /[\p{L}\p{N}]/u;

export const wordsOf = (text: string): string[] => text.match(WORDS) ?? [];

/** The pieces of `before` and `after` in order; joined, each text is whole. */
export function difference(before: string, after: string): Piece[] {
  const old = wordsOf(before);
  const fresh = wordsOf(after);
  let start = 0;
  while (start < old.length && start < fresh.length && old[start] === fresh[start])
    start++;
  let oldEnd = old.length;
  let freshEnd = fresh.length;
  while (
    oldEnd > start &&
    freshEnd > start &&
    old[oldEnd - 1] === fresh[freshEnd - 1]
  ) {
    oldEnd--;
    freshEnd--;
  }
  const pieces: Piece[] = [];
  const add = (kind: Piece["kind"], text: string) => {
    const last = pieces.at(-1);
    if (!text) return;
    if (last?.kind === kind) last.text += text;
    else pieces.push({ kind, text });
  };
  add("same", old.slice(0, start).join(""));
  for (const { kind, text } of shortest(
    old.slice(start, oldEnd),
    fresh.slice(start, freshEnd),
  )) {
    add(kind, text);
  }
  add("same", old.slice(oldEnd).join(""));
  return pieces;
}

/**
 * The same with fewer and longer pieces: where words are replaced one after the other,
 * what stands between them (spaces, marks) belongs to both.
 */
export function readable(pieces: readonly Piece[]): Piece[] {
  const found: Piece[] = [];
  let removed = "";
  let added = "";
  const end = () => {
    if (removed) found.push({ kind: "removed", text: removed });
    if (added) found.push({ kind: "added", text: added });
    removed = added = "";
  };
  pieces.forEach(({ kind, text }, at) => {
    if (kind === "removed") removed += text;
    else if (kind === "added") added += text;
    else if (removed && added && !WORD.test(text) && at < pieces.length - 1) {
      removed += text;
      added += text;
    } else {
      end();
      found.push({ kind, text });
    }
  });
  end();
  return found;
}

function shortest(old: string[], fresh: string[]): Piece[] {
  const steps = search(old, fresh);
  if (!steps) {
    return [
      { kind: "removed", text: old.join("") },
      { kind: "added", text: fresh.join("") },
    ];
  }
  // From the end back to the beginning, by what each step could reach.
  const pieces: Piece[] = [];
  let x = old.length;
  let y = fresh.length;
  for (let d = steps.length - 1; d >= 0; d--) {
    const reach = steps[d] as Int32Array;
    const at = (k: number) => reach[k + d] ?? -1;
    const k = x - y;
    const down = d > 0 && (k === -d || (k !== d && at(k - 1) < at(k + 1)));
    const from = d === 0 ? 0 : down ? at(k + 1) : at(k - 1) + 1;
    while (x > from) {
      x--;
      y--;
      pieces.push({ kind: "same", text: old[x] as string });
    }
    if (d === 0) break;
    if (down) {
      y--;
      pieces.push({ kind: "added", text: fresh[y] as string });
    } else {
      x--;
      pieces.push({ kind: "removed", text: old[x] as string });
    }
  }
  return pieces.reverse();
}

/**
 * For each number of steps d, how far along `old` one had come before step d on each
 * diagonal k (at index k + d); null where there are too many.
 */
function search(old: string[], fresh: string[]): Int32Array[] | null {
  const most = Math.min(MOST_STEPS, old.length + fresh.length);
  const steps: Int32Array[] = [];
  let reach = new Int32Array(1);
  for (let d = 0; d <= most; d++) {
    steps.push(reach);
    // Diagonals -d-1 to d+1, so that the next step finds its neighbours.
    const next = new Int32Array(2 * d + 3).fill(-1);
    for (let k = -d; k <= d; k += 2) {
      const at = (diagonal: number) => reach[diagonal + d] ?? -1;
      let x =
        d === 0
          ? 0
          : k === -d || (k !== d && at(k - 1) < at(k + 1))
            ? at(k + 1)
            : at(k - 1) + 1;
      let y = x - k;
      while (x < old.length && y < fresh.length && old[x] === fresh[y]) {
        x++;
        y++;
      }
      next[k + d + 1] = x;
      if (x >= old.length && y >= fresh.length) return steps;
    }
    reach = next;
  }
  return null;
}
