// Where a text is in what the page shows, and the marks on it. The marks are the
// browser's: nothing in the page is changed for them.

const TEXTS = ".pl-question, .pl-text";
const BLOCK = "p, li, h1, h2, h3, h4, h5, h6, td, th, pre, blockquote";

const NAMES = { all: "pl-found", now: "pl-found-now" };

/** What finds a text whatever its case and the white space between its words. */
export function patternOf(query: string): RegExp | null {
  const words = query.trim().split(/\s+/).filter(Boolean);
  if (!words.length) return null;
  const escaped = words.map((word) => word.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"));
  return new RegExp(escaped.join("\\s+"), "giu");
}

/** Where a pattern is in the question and the answer of a turn, in order. */
export function hitsIn(item: HTMLElement, pattern: RegExp): Range[] {
  return [...item.querySelectorAll<HTMLElement>(TEXTS)].flatMap((box) =>
    within(box, pattern),
  );
}

function within(box: HTMLElement, pattern: RegExp): Range[] {
  const nodes: { node: Text; from: number }[] = [];
  let text = "";
  let block: Element | null | undefined;
  const walk = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode() as Text | null; node; ) {
    const own = node.parentElement;
    if (!own?.closest(".pl-code-bar, .katex")) {
      const around = own?.closest(BLOCK);
      // What is in two paragraphs is not one word.
      if (block !== undefined && around !== block) text += "\n";
      block = around;
      nodes.push({ node, from: text.length });
      text += node.data;
    }
    node = walk.nextNode() as Text | null;
  }
  const place = (at: number): [Text, number] | undefined => {
    const found = nodes.findLast(({ from }) => from <= at);
    return found && [found.node, Math.min(at - found.from, found.node.length)];
  };
  const ranges: Range[] = [];
  for (const { index, 0: hit } of text.matchAll(pattern)) {
    const start = place(index);
    const end = place(index + hit.length - 1);
    if (!start || !end) continue;
    const range = document.createRange();
    range.setStart(...start);
    range.setEnd(end[0], Math.min(end[1] + 1, end[0].length));
    ranges.push(range);
  }
  return ranges;
}

/** The marks of one search; several chats in a page share the browser's registry. */
export class Marks {
  #all: Range[] = [];
  #now: Range | undefined;

  show(all: Range[], now: Range | undefined): void {
    this.clear();
    this.#all = all;
    this.#now = now;
    const marks = registered(NAMES.all, 0);
    for (const range of all) marks?.add(range);
    if (now) registered(NAMES.now, 1)?.add(now);
  }

  clear(): void {
    for (const range of this.#all) registered(NAMES.all, 0)?.delete(range);
    if (this.#now) registered(NAMES.now, 1)?.delete(this.#now);
    this.#all = [];
    this.#now = undefined;
  }
}

/** The marks of a name; undefined where the browser has none. */
function registered(name: string, priority: number): Highlight | undefined {
  if (typeof CSS === "undefined" || !("highlights" in CSS)) return undefined;
  let marks = CSS.highlights.get(name);
  if (!marks) {
    marks = new Highlight();
    marks.priority = priority;
    CSS.highlights.set(name, marks);
  }
  return marks;
}
