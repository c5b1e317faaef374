// Fences around Markdown that has fences of the same length in it, as models write it.
// A line with a language begins an inner one, a line without one ends the innermost.

const FENCE = /^ {0,3}(`{3,}|~{3,})[ \t]*([^`\n]*?)[ \t]*$/;
const MARKDOWN = /^(?:markdown|md|mdx|rmd|qmd|myst)\b/i;

/** Whether an info string says that the code is Markdown. */
export const holdsMarkdown = (info: string) => MARKDOWN.test(info.trim());

export class MarkdownFence {
  #mark: string;
  /** The mark of the fence within, and whether a line of its code has come. */
  #inner = "";
  #filled = false;

  constructor(mark: string) {
    this.#mark = mark;
  }

  /** Takes the next line; says whether it ends the fence. */
  ends(line: string): boolean {
    const [, mark = "", info = ""] = FENCE.exec(line) ?? [];
    const same = mark[0] === this.#mark[0] && mark.length >= this.#mark.length;
    if (!this.#inner) {
      if (!same) return false;
      if (!info) return true;
      this.#inner = mark;
      this.#filled = false;
      return false;
    }
    if (!same || info || mark.length < this.#inner.length) {
      this.#filled = true;
      return false;
    }
    // One without a line of code in it only shows how a fence begins.
    if (!this.#filled) return true;
    this.#inner = "";
    return false;
  }
}

/** Where the text of a Markdown fence ends and what comes after it begins, if certain. */
export function markdownFenceEnd(
  text: string,
  mark: string,
): { body: number; after: number } | undefined {
  const fence = new MarkdownFence(mark);
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf("\n", at);
    const next = end < 0 ? text.length : end + 1;
    if (fence.ends(text.slice(at, end < 0 ? undefined : end))) {
      return { body: at, after: next };
    }
    at = next;
  }
  return undefined;
}
