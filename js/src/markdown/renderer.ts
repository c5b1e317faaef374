// Keeps an element showing a text that is still being written: only blocks that
// changed are touched, at most once a frame, and never for long at a time.
import type { Assets } from "../connection";
import type { Block, ListBlock } from "./blocks";
import { type CodeTool, dressCode } from "./code";
import { Formulas } from "./formulas";
import { codeHtml } from "./html";
import { HIGHLIGHT, type Highlighter, KATEX, Wanted } from "./lazy";
import { type Sanitizer, sanitizer } from "./sanitize";
import { MarkdownStream } from "./stream";

/** Milliseconds of a frame that may be spent here. */
const BUDGET = 10;
/** Characters given to the lexer at a time. */
const STEP = 12_000;
/** Longer texts are laid out and painted only where they are seen. */
const LONG = 60_000;
/** Code of which its language is told. */
const CODE = 'code[data-lang]:not([data-lang=""])';

interface Row {
  block: Block;
  el: HTMLElement;
  /** What is shown of it: HTML, a text, or the items' HTML. */
  html: string;
  items: string[];
  version: number;
  settled: boolean;
}

export class MarkdownElement {
  readonly el: HTMLElement;
  #stream = new MarkdownStream();
  #clean: Sanitizer = sanitizer();
  #formulas: Formulas;
  #highlighter: Wanted<Highlighter>;
  #rows: Row[] = [];
  #settled = 0;
  #version = 0;
  #text = "";
  #given = 0;
  #final = false;
  #done = false;
  #later: (() => void)[] = [];
  #frame = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #notBefore = 0;
  #disposed = false;

  #tool: CodeTool | undefined;

  /** With a `tool`, blocks of code have another button. */
  constructor(el: HTMLElement, link: Assets, tool?: CodeTool) {
    this.el = el;
    this.#tool = tool;
    // What came before such a file is made good in frames of their own.
    const katex = new Wanted(KATEX, link, () => {
      for (const source of within(el, ".pl-tex")) {
        this.#later.push(() => this.#formulas.set(source));
      }
      this.#schedule();
    });
    this.#formulas = new Formulas(katex, this.#clean);
    this.#highlighter = new Wanted(HIGHLIGHT, link, () => {
      for (const row of this.#rows) if (row.settled) this.#colourRow(row);
      this.#schedule();
    });
  }

  /** Shows `text`; `final` when it will not grow any more. */
  update(text: string, final: boolean): void {
    if (text === this.#text && final === this.#final) return;
    if (this.#done || !text.startsWith(this.#text)) this.#reset();
    this.#text = text;
    this.#final = final;
    this.el.classList.toggle("pl-long", text.length > LONG);
    if (final && this.#timer !== undefined) {
      // The end is not kept waiting.
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#notBefore = 0;
    }
    this.#schedule();
  }

  dispose(): void {
    this.#disposed = true;
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#frame = 0;
  }

  #reset() {
    this.#stream = new MarkdownStream();
    this.#rows = [];
    this.#settled = 0;
    this.#version = 0;
    this.#given = 0;
    this.#done = false;
    this.#later = [];
    this.el.replaceChildren();
  }

  #schedule() {
    if (this.#disposed || this.#frame || this.#timer !== undefined) return;
    const wait = this.#notBefore - performance.now();
    const frame = () => {
      this.#timer = undefined;
      this.#frame = requestAnimationFrame(() => this.#run());
    };
    if (wait > 4) this.#timer = setTimeout(frame, wait);
    else frame();
  }

  #run() {
    this.#frame = 0;
    const began = performance.now();
    const late = () => performance.now() - began > BUDGET;
    while (!this.#done && (this.#given < this.#text.length || this.#final)) {
      // Steps grow with what cannot be settled, so that the work stays linear.
      const step = Math.max(STEP, this.#stream.unsettled);
      this.#stream.append(this.#text.slice(this.#given, this.#given + step));
      this.#given = Math.min(this.#text.length, this.#given + step);
      this.#done = this.#final && this.#given === this.#text.length;
      this.#stream.advance(this.#done);
      this.#reconcile();
      if (late()) break;
    }
    while (this.#later.length && !late()) this.#later.shift()?.();
    const spent = performance.now() - began;
    this.#notBefore = this.#final ? 0 : began + spent * 4;
    if (this.#later.length || this.#given < this.#text.length) this.#schedule();
    else if (this.#final && !this.#done) this.#schedule();
  }

  #reconcile() {
    const { blocks, live, version } = this.#stream;
    if (version !== this.#version) {
      this.#version = version;
      this.#settled = 0;
    }
    const from = this.#settled;
    const wanted = [...blocks.slice(from), ...live];
    const fresh: { at: number; block: Block; html: string }[] = [];
    for (const [index, block] of wanted.entries()) {
      const at = from + index;
      const settled = at < blocks.length;
      const row = this.#rows[at];
      if (row && this.#keep(row, block)) {
        row.block = block;
        if (settled) this.#finish(row);
      } else fresh.push({ at, block, html: outline(block) });
    }
    this.#insert(fresh, blocks.length);
    for (const row of this.#rows.splice(from + wanted.length)) row.el.remove();
    this.#settled = blocks.length;
  }

  /** Makes the elements of new blocks, all through one pass of the sanitizer. */
  #insert(fresh: { at: number; block: Block; html: string }[], settled: number) {
    if (fresh.length === 0) return;
    const fragment = this.#clean.markdown(fresh.map(({ html }) => html).join(""));
    const made = [...fragment.children] as HTMLElement[];
    const sure = made.length === fresh.length;
    for (const [index, { at, block, html }] of fresh.entries()) {
      const el = (sure ? made[index] : this.#alone(html)) as HTMLElement;
      const row: Row = { block, el, html, items: [], version: 0, settled: false };
      if (block.kind === "list") this.#fillList(row, block);
      if (block.kind === "code") row.html = block.text;
      const old = this.#rows[at];
      if (old) old.el.replaceWith(el);
      else this.el.append(el);
      this.#rows[at] = row;
      this.#dress(el);
      if (at < settled) this.#finish(row);
    }
  }

  #alone(html: string): HTMLElement {
    const box = document.createElement("div");
    box.append(this.#clean.markdown(html));
    return box;
  }

  /** Brings a row's element to a block, if it can be; else says so. */
  #keep(row: Row, block: Block): boolean {
    if (block.kind === "html") {
      if (row.block.kind === "html") return row.html === block.html;
      // The end of a fence changes nothing that is seen.
      if (
        row.block.kind === "code" &&
        codeHtml(row.html, row.block.info) === block.html
      ) {
        row.html = block.html;
        return true;
      }
      return false;
    }
    if (block.kind === "code") {
      if (row.block.kind !== "code" || row.block.info !== block.info) return false;
      if (!block.text.startsWith(row.html)) return false;
      const more = block.text.slice(row.html.length);
      if (more) row.el.querySelector("code")?.append(more);
      row.html = block.text;
      return true;
    }
    const { block: old } = row;
    if (
      old.kind !== "list" ||
      old.ordered !== block.ordered ||
      old.start !== block.start
    ) {
      return false;
    }
    this.#fillList(row, block);
    return true;
  }

  #fillList(row: Row, block: ListBlock) {
    const same = row.version === block.version && row.block === block;
    let from = same ? Math.max(0, Math.min(row.items.length, block.fixed) - 1) : 0;
    while (from < block.items.length && row.items[from] === block.items[from]) from++;
    while (row.el.children.length > from) row.el.lastElementChild?.remove();
    const added = block.items.slice(from);
    if (added.length) {
      const list = this.#clean.markdown(`<ul>${added.join("")}</ul>`).firstElementChild;
      for (const item of [...(list?.children ?? [])]) {
        row.el.append(item);
        this.#dress(item as HTMLElement);
      }
    }
    row.items.length = from;
    row.items.push(...added);
    row.version = block.version;
    if (block.direction === "rtl") row.el.dir = "auto";
    else row.el.removeAttribute("dir");
  }

  #dress(el: HTMLElement) {
    for (const code of within(el, ".pl-code")) dressCode(code, this.#tool);
    // Asked for while the code is being written: it may be there at its end.
    if (within(el, CODE).length) this.#highlighter.get();
    for (const source of within(el, ".pl-tex")) this.#formulas.set(source);
  }

  /** What is only worth doing for a block that does not change any more. */
  #finish(row: Row) {
    if (row.settled) return;
    row.settled = true;
    this.#colourRow(row);
  }

  /** Colours the code of a settled row in time, if the colours are there. */
  #colourRow({ el }: Row) {
    const codes = within(el, CODE);
    const highlighter = codes.length ? this.#highlighter.get() : undefined;
    if (!highlighter) return;
    for (const code of codes) this.#later.push(() => this.#colour(code, highlighter));
  }

  #colour(code: HTMLElement, { highlight }: Highlighter) {
    // Another text may have fetched the colours while this one still asked.
    if (code.firstElementChild) return;
    const language = code.dataset.lang?.toLowerCase() ?? "";
    const html = highlight(code.textContent ?? "", language);
    if (html !== null) code.replaceChildren(this.#clean.markdown(html));
  }
}

/** The element with this and all in it that `selector` finds, itself included. */
const within = (el: HTMLElement, selector: string): HTMLElement[] => [
  ...(el.matches(selector) ? [el] : []),
  ...el.querySelectorAll<HTMLElement>(selector),
];

function outline(block: Block): string {
  if (block.kind === "html") return block.html;
  if (block.kind === "code") return codeHtml(block.text, block.info);
  const tag = block.ordered ? "ol" : "ul";
  const start = block.ordered && block.start !== 1 ? ` start="${block.start}"` : "";
  return `<${tag}${start}></${tag}>`;
}
