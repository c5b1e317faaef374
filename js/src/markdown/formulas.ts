// Formulas on the page: their source as code, until KaTeX has come and read them.
import type { Typesetter, Wanted } from "./lazy";
import type { Sanitizer } from "./sanitize";
import { cleanTex } from "./tex-source";

/** Formulas kept from being set again while their paragraph is still being written. */
const MAX_KEPT = 300;

export class Formulas {
  #katex: Wanted<Typesetter>;
  #clean: Sanitizer;
  #kept = new Map<string, Node | null>();

  constructor(katex: Wanted<Typesetter>, clean: Sanitizer) {
    this.#katex = katex;
    this.#clean = clean;
  }

  /** Sets a `.pl-tex`, if KaTeX is there. */
  set(source: HTMLElement): void {
    const katex = this.#katex.get();
    if (!katex) return;
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
      span.dir = "ltr";
      const html = katex.toMathML(cleanTex(tex) ?? tex, display);
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
