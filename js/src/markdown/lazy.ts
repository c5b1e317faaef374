// Files that not every text needs: fetched with the first one that does.
import type { Assets } from "../connection";
import type * as highlight from "./highlight";
import type * as katex from "./katex";

/** How often one text asks for a file that cannot come. */
const TRIES = 3;

/** A built file of its own. `module` is there once the page has it, for every text. */
export interface Lazy<Module> {
  readonly name: keyof typeof __HASHES__;
  module?: Module;
}

export type Typesetter = Pick<typeof katex, "toMathML">;
export type Highlighter = Pick<typeof highlight, "highlight">;

export const KATEX: Lazy<Typesetter> = { name: "katex" };
export const HIGHLIGHT: Lazy<Highlighter> = { name: "highlight" };

/** What one text wants of such a file. */
export class Wanted<Module> {
  #lazy: Lazy<Module>;
  #link: Assets;
  #arrived: () => void;
  #asking = false;
  #left = TRIES;

  /** `arrived` is called when the file has come that `get` did not have. */
  constructor(lazy: Lazy<Module>, link: Assets, arrived: () => void) {
    this.#lazy = lazy;
    this.#link = link;
    this.#arrived = arrived;
  }

  /** The module if it is there, else it is asked for: once, however many want it. */
  get(): Module | undefined {
    const { module } = this.#lazy;
    if (module === undefined && !this.#asking && this.#left > 0) this.#ask();
    return module;
  }

  #ask() {
    const { name } = this.#lazy;
    this.#asking = true;
    this.#left--;
    this.#link.asset(name, __HASHES__[name]).then(
      (module) => {
        this.#lazy.module = module as Module;
        this.#arrived();
      },
      () => {
        // The text stays as it is; what comes next in it asks again.
        this.#asking = false;
      },
    );
  }
}
