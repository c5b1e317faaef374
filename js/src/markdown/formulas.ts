// Formulas on the page: their source as code, until KaTeX has come and read them.
import type { Link } from "../link";
import type { Sanitizer } from "./sanitize";

export interface Typesetter {
  toMathML(tex: string, display: boolean): string;
}

/** What fetches KaTeX for a view, when the first formula wants it. */
export const katexOf = (link: Link) => () =>
  link.asset("katex", __KATEX_HASH__) as Promise<Typesetter>;

/** Formulas kept from being set again while their paragraph is still being written. */
const MAX_KEPT = 300;

export class Formulas {
  #load: () => Promise<Typesetter>;
  #clean: Sanitizer;
  #katex: Typesetter | undefined;
  #loading = false;
  #waiting = new Set<HTMLElement>();
  #kept = new Map<string, Node | null>();

  constructor(load: () => Promise<Typesetter>, clean: Sanitizer) {
    this.#load = load;
    this.#clean = clean;
  }

  /** Sets a `.pl-tex`, now or once KaTeX is there. */
  add(source: HTMLElement): void {
    if (this.#katex) {
      this.#set(source, this.#katex);
      return;
    }
    this.#waiting.add(source);
    if (this.#loading) return;
    this.#loading = true;
    this.#load().then(
      (katex) => {
        this.#katex = katex;
        for (const each of this.#waiting) if (each.isConnected) this.#set(each, katex);
        this.#waiting.clear();
      },
      () => {
        // The sources stay; the next formula tries again.
        this.#loading = false;
        this.#waiting.clear();
      },
    );
  }

  #set(source: HTMLElement, katex: Typesetter) {
    const tex = source.textContent ?? "";
    const display = source.dataset.display === "true";
    const key = `${display} ${tex}`;
    let math = this.#kept.get(key);
    if (math === undefined) {
      math = this.#typeset(tex, display, katex);
      if (this.#kept.size >= MAX_KEPT) this.#kept.clear();
      this.#kept.set(key, math);
    }
    if (math) source.replaceWith(math.cloneNode(true));
  }

  #typeset(tex: string, display: boolean, katex: Typesetter): Node | null {
    try {
      const span = document.createElement("span");
      span.className = display ? "pl-formula pl-display" : "pl-formula";
      const html = katex.toMathML(tex, display);
      span.append(
        this.#clean.math(
          html.slice(html.indexOf("<math"), html.lastIndexOf("</math>") + 7),
        ),
      );
      return span.firstElementChild ? span : null;
    } catch {
      return null;
    }
  }
}
