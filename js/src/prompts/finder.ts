// Asks the kernel for the rows of the list: the latest search wins.
import type { FindParams, FoundData, PromptPlace } from "../protocol";
import { isWhole, type Listed, WINDOW, windowsOf } from "./windows";

/** Milliseconds after the last key until the kernel is asked. */
export const PAUSE = 120;

type Ask = (params: FindParams, signal: AbortSignal) => Promise<FoundData>;

export class Finder {
  readonly #ask: Ask;
  readonly #take: (found: FoundData, anew: boolean) => void;
  readonly #fail: (error: Error) => void;
  #place: PromptPlace | null = null;
  #life = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asked = new Set<number>();
  /** The places that are seen. */
  #seen: readonly [number, number] = [0, WINDOW];
  /** Nothing of this search has come yet. */
  #anew = true;

  constructor(
    ask: Ask,
    take: (found: FoundData, anew: boolean) => void,
    fail: (error: Error) => void,
  ) {
    this.#ask = ask;
    this.#take = take;
    this.#fail = fail;
  }

  /** Looks for other prompts, after `pause` milliseconds without another call. */
  search(place: PromptPlace, pause = 0): void {
    this.#place = place;
    this.#seen = [0, WINDOW];
    this.#later(pause);
  }

  /** Asks again for what is seen, since the library has changed. */
  again(place: PromptPlace): void {
    this.#place = place;
    this.#later(0);
  }

  /** Asks for the rows from `first` to before `last` that are not there. */
  see(place: PromptPlace, listed: Listed, first: number, last: number): void {
    this.#place ??= place;
    this.#seen = [first, last];
    if (this.#anew && this.#asked.size) return;
    this.#anew = false;
    for (const offset of windowsOf(first, Math.min(last, listed.total)))
      if (!this.#asked.has(offset) && !isWhole(listed, offset)) this.#get(offset);
  }

  /** Asks for what is seen by now and was not asked for. */
  more(listed: Listed): void {
    if (this.#place) this.see(this.#place, listed, ...this.#seen);
  }

  /** What is known already is of this search. */
  has(place: PromptPlace): void {
    this.#place = place;
    this.#anew = false;
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#life.abort();
  }

  #later(pause: number): void {
    this.end();
    this.#life = new AbortController();
    this.#asked.clear();
    this.#anew = true;
    const begin = () => {
      for (const offset of windowsOf(...this.#seen)) this.#get(offset);
    };
    if (pause) this.#timer = setTimeout(begin, pause);
    else begin();
  }

  #get(offset: number): void {
    const { signal } = this.#life;
    this.#asked.add(offset);
    this.#ask({ ...(this.#place as PromptPlace), offset, limit: WINDOW }, signal)
      .then((found) => {
        if (signal.aborted) return;
        this.#asked.delete(offset);
        const anew = this.#anew;
        this.#anew = false;
        this.#take(found, anew);
      })
      .catch((error) => {
        if (signal.aborted) return;
        this.#asked.delete(offset);
        this.#fail(error);
      });
  }
}
