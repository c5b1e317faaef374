// Rendered answers, kept while they are scrolled out of the page.
import type { Assets } from "../connection";
import type { CodeTool } from "../markdown/code";
import { MarkdownElement } from "../markdown/renderer";

/** How many answers that are not in the page are kept. */
const MOST = 150;

export class KeptAnswers {
  #made = new Map<string, MarkdownElement>();
  #shown = new Set<string>();
  #link: Assets;
  #tool: CodeTool | undefined;

  /** With a `tool`, blocks of code have another button. */
  constructor(link: Assets, tool?: CodeTool) {
    this.#link = link;
    this.#tool = tool;
  }

  /** Puts the answer of a turn into `into`, as far as it was rendered before. */
  mount(key: string, into: HTMLElement): MarkdownElement {
    let answer = this.#made.get(key);
    if (!answer) {
      const el = document.createElement("div");
      el.className = "pl-markdown";
      answer = new MarkdownElement(el, this.#link, this.#tool);
    }
    // The one shown last is the last to go.
    this.#made.delete(key);
    this.#made.set(key, answer);
    this.#shown.add(key);
    into.append(answer.el);
    return answer;
  }

  unmount(key: string): void {
    this.#shown.delete(key);
    this.#made.get(key)?.el.remove();
    for (const [old, answer] of this.#made) {
      if (this.#made.size <= MOST + this.#shown.size) break;
      if (this.#shown.has(old)) continue;
      answer.dispose();
      this.#made.delete(old);
    }
  }

  dispose(): void {
    for (const answer of this.#made.values()) answer.dispose();
    this.#made.clear();
    this.#shown.clear();
  }
}
