// Fuzzy search: which of many entries a few typed letters mean.

const BOUNDARY = /[\s/:._\-()[\]]/;

const starts = (text: string, at: number) =>
  at === 0 || BOUNDARY.test(text[at - 1] as string);

/** Scores a word that is in a text as it stands, and where it is. */
function run(word: string, text: string): [score: number, at: number] {
  let best = -1;
  let score = 0;
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    const end = at + word.length;
    const whole = end === text.length || BOUNDARY.test(text[end] as string);
    const here = 10 + (starts(text, at) ? 6 : 0) + (whole ? 2 : 0) + (at === 0 ? 2 : 0);
    if (here > score) [best, score] = [at, here];
  }
  return [score, best];
}

/** Scores a word whose letters are in a text in order; adds their places to `into`. */
function gapped(word: string, text: string, into?: number[]): number {
  let first = -1;
  let from = 0;
  let score = 0;
  for (const letter of word) {
    const next = text.indexOf(letter, from);
    if (next < 0) return 0;
    score += next === from && from > 0 ? 0.8 : starts(text, next) ? 0.9 : 0.2;
    if (first < 0) first = next;
    into?.push(next);
    from = next + 1;
  }
  // Letters scattered over a long text are a coincidence.
  return from - first > 6 * word.length ? 0 : score;
}

const wordsOf = (query: string) => query.toLowerCase().split(/\s+/).filter(Boolean);

function scored(words: readonly string[], text: string): number {
  let score = 0;
  for (const word of words) {
    const here = run(word, text)[0] || gapped(word, text);
    if (!here) return 0;
    score += here;
  }
  return Math.max(score - text.length / 100, 0.001);
}

/**
 * How well a text matches a query; 0 if not. All words of the query must be in it, each
 * as it stands or else as letters in order. Whole words are best, then beginnings of
 * words, then short texts.
 */
export const score = (query: string, text: string) =>
  scored(wordsOf(query), text.toLowerCase());

/** The places of a query's letters in a text, in order. */
export function places(query: string, text: string): number[] {
  const lower = text.toLowerCase();
  const found = new Set<number>();
  for (const word of wordsOf(query)) {
    const [here, at] = run(word, lower);
    const gaps: number[] = [];
    if (here) for (let index = 0; index < word.length; index++) found.add(at + index);
    else if (gapped(word, lower, gaps)) for (const each of gaps) found.add(each);
  }
  return [...found].sort((a, b) => a - b);
}

/** The matching items, best first; each comes with its text in lower case. */
export function rank<T>(query: string, items: readonly (readonly [T, string])[]): T[] {
  const words = wordsOf(query);
  if (words.length === 0) return items.map(([item]) => item);
  const found: [number, T][] = [];
  for (const [item, text] of items) {
    const here = scored(words, text);
    if (here) found.push([here, item]);
  }
  return found.sort(([a], [b]) => b - a).map(([, item]) => item);
}

/** Splits a text into pieces, each marked or not by the given places. */
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
