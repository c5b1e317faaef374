// Which turns are in the page: those that are seen, and some on both sides.

export interface Span {
  /** The turns from `from` to before `to`. */
  from: number;
  to: number;
  /** Pixels of the turns before and after them. */
  before: number;
  after: number;
}

/** Pixels that are rendered beyond each edge. */
export const BEYOND = 900;

/** Turns that are rendered whatever their height. */
const LEAST = 4;

/** What a turn is taken to be high before any was measured. */
const GUESS = 240;

/** Heights of turns: measured where they were shown, guessed from those elsewhere. */
export class Heights {
  #known = new Map<string, number>();
  #sum = 0;
  /** A guess is kept, so that nothing moves because something else has grown. */
  #guessed = new Map<string, number>();

  /** Takes a measured height. */
  set(key: string, height: number): void {
    this.#sum += height - (this.#known.get(key) ?? 0);
    this.#known.set(key, height);
  }

  get(key: string): number {
    const known = this.#known.get(key) ?? this.#guessed.get(key);
    if (known !== undefined) return known;
    const guess = this.#known.size ? this.#sum / this.#known.size : GUESS;
    this.#guessed.set(key, guess);
    return guess;
  }

  /** Forgets all turns but these. */
  keep(keys: ReadonlySet<string>): void {
    for (const [key, height] of this.#known) {
      if (keys.has(key)) continue;
      this.#known.delete(key);
      this.#sum -= height;
    }
    for (const key of this.#guessed.keys()) {
      if (!keys.has(key)) this.#guessed.delete(key);
    }
  }
}

/** The turns to render for a viewport that is `height` pixels high at `top`. */
export function span(
  keys: readonly string[],
  heights: Heights,
  top: number,
  height: number,
): Span {
  let before = 0;
  let from = 0;
  while (from < keys.length) {
    const own = heights.get(keys[from] as string);
    if (before + own > top - BEYOND) break;
    before += own;
    from++;
  }
  let seen = before;
  let to = from;
  while (to < keys.length && (seen < top + height + BEYOND || to - from < LEAST)) {
    seen += heights.get(keys[to] as string);
    to++;
  }
  // At the end there may be fewer than the least.
  while (from > 0 && to - from < LEAST) {
    from--;
    before -= heights.get(keys[from] as string);
  }
  let after = 0;
  for (let at = to; at < keys.length; at++) after += heights.get(keys[at] as string);
  return { from, to, before: Math.max(0, before), after };
}

/** As `span`, for the end of the turns. */
export function lastSpan(
  keys: readonly string[],
  heights: Heights,
  height: number,
): Span {
  let from = keys.length;
  let seen = 0;
  while (from > 0 && (seen < height + BEYOND || keys.length - from < LEAST)) {
    from--;
    seen += heights.get(keys[from] as string);
  }
  let before = 0;
  for (let at = 0; at < from; at++) before += heights.get(keys[at] as string);
  return { from, to: keys.length, before, after: 0 };
}
