// Which of many entries a few typed letters mean.

export interface Match {
  /** The higher the nearer. */
  score: number;
  /** Where in the text the letters are, in order. */
  at: readonly number[];
}

const BOUNDARY = /[\s/:._\-()[\]]/;

const NONE: Match = { score: 0, at: [] };

/**
 * Whether all words of a query are in a text, each as a run of letters or, failing that,
 * as letters that follow each other with gaps. Best are whole words, then beginnings of
 * words, then short texts.
 */
export function match(query: string, text: string): Match | null {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return NONE;
  const lower = text.toLowerCase();
  let score = 0;
  const at: number[] = [];
  for (const word of words) {
    const found = run(word, lower) ?? gapped(word, lower);
    if (!found) return null;
    score += found.score;
    at.push(...found.at);
  }
  return {
    score: score - text.length / 100,
    at: [...new Set(at)].sort((a, b) => a - b),
  };
}

const starts = (text: string, at: number) =>
  at === 0 || BOUNDARY.test(text[at - 1] as string);

function run(word: string, text: string): Match | null {
  let best = -1;
  let score = 0;
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    const end = at + word.length;
    const whole = end === text.length || BOUNDARY.test(text[end] as string);
    const here = 10 + (starts(text, at) ? 6 : 0) + (whole ? 2 : 0) + (at === 0 ? 2 : 0);
    if (here > score) [best, score] = [at, here];
  }
  if (best < 0) return null;
  return { score, at: Array.from(word, (_, index) => best + index) };
}

function gapped(word: string, text: string): Match | null {
  const at: number[] = [];
  let from = 0;
  let score = 0;
  for (const letter of word) {
    const next = text.indexOf(letter, from);
    if (next < 0) return null;
    score += next === from && from > 0 ? 0.8 : starts(text, next) ? 0.9 : 0.2;
    at.push(next);
    from = next + 1;
  }
  // Letters strewn over a long text are chance.
  const spread = (at.at(-1) as number) - (at[0] as number) + 1;
  if (word.length > 1 && spread > 6 * word.length) return null;
  return { score, at };
}

export interface Ranked<T> {
  item: T;
  at: readonly number[];
}

/** The items whose text matches, the nearest first; all in their order without a query. */
export function rank<T>(
  query: string,
  items: readonly T[],
  text: (item: T) => string,
): Ranked<T>[] {
  if (!query.trim()) return items.map((item) => ({ item, at: [] }));
  const found: (Ranked<T> & { score: number })[] = [];
  for (const item of items) {
    const hit = match(query, text(item));
    if (hit) found.push({ item, ...hit });
  }
  return found.sort((a, b) => b.score - a.score);
}

/** A text in pieces, each with whether the query's letters are in it. */
export function pieces(text: string, at: readonly number[]): [string, boolean][] {
  const marked = new Set(at);
  const made: [string, boolean][] = [];
  for (let index = 0; index < text.length; index++) {
    const last = made.at(-1);
    const hit = marked.has(index);
    if (last && last[1] === hit) last[0] += text[index];
    else made.push([text[index] as string, hit]);
  }
  return made;
}
