// Markdown as it comes: blocks that can no longer change are lexed and rendered once,
// and each step works on the unfinished tail alone.
import type { Token, Tokens } from "marked";
import type { Block } from "./blocks";
import { holdsMarkdown, MarkdownFence } from "./fences";
import { type Grammar, grammar, type Links } from "./grammar";
import { codeHtml } from "./html";
import { GrowingList } from "./list";
import type { MathToken } from "./math";
import { mend } from "./mend";

/** Blocks that end with a blank line, whatever follows it. */
const ENDS_BLANK = new Set(["paragraph", "heading", "hr", "table", "mathBlock"]);
const OPEN_FENCE = /^(?:(`{3,})([^`\n]*)|(~{3,})([^\n]*))\n/;
/** How often definitions of links may make the text be read again while it streams. */
const MAX_RESTARTS = 20;

interface Fence {
  info: string;
  /** Where its text begins, and up to where no end has been found. */
  body: number;
  scanned: number;
  /** A line that ends it, unless it holds Markdown with fences of its own. */
  closing: RegExp;
  markdown: MarkdownFence | undefined;
  /** The first such line. */
  first?: { at: number; after: number };
}

export class MarkdownStream {
  /** Blocks that do not change any more. */
  blocks: Block[] = [];
  /** Blocks of the tail, as they look now. */
  live: Block[] = [];
  /** Counts the times that the settled blocks were made anew. */
  version = 0;

  #text = "";
  #from = 0;
  #held = "";
  #links: Links = {};
  #labels = new Set<string>();
  #fence: Fence | undefined;
  #list: GrowingList | undefined;
  #restarts = 0;
  #stale = false;
  #grammar: Grammar;

  constructor(rules: Grammar = grammar()) {
    this.#grammar = rules;
  }

  /** How many characters are not settled yet. */
  get unsettled(): number {
    return this.#fence ? 0 : this.#text.length - this.#from;
  }

  append(text: string): void {
    // A carriage return may be the first half of a line end.
    const all = this.#held + text;
    this.#held = all.endsWith("\r") ? "\r" : "";
    const whole = this.#held ? all.slice(0, -1) : all;
    this.#text += whole.includes("\r") ? whole.replace(/\r\n?/g, "\n") : whole;
  }

  /** Brings `blocks` and `live` up to date; `final` when no more text will come. */
  advance(final = false): void {
    if (final && this.#held) {
      this.#text += "\n";
      this.#held = "";
    }
    this.live = [];
    while (this.#from < this.#text.length && this.#step(final));
    if (this.#stale && (final || this.#restarts < MAX_RESTARTS)) this.#restart(final);
  }

  /** Works on the tail; says whether there is more to do. */
  #step(final: boolean): boolean {
    if (this.#openFence()) return this.#stepFence(final);
    const tail = this.#text.slice(this.#from);
    const shown = final ? tail : mend(tail);
    const tokens = this.#grammar.lex(shown, this.#links, !final);
    const starts: number[] = [];
    let at = 0;
    for (const token of tokens) {
      starts.push(at);
      at += token.raw.length;
    }
    const last = tokens.findLastIndex(({ type }) => type !== "space");
    const count = final
      ? tokens.length
      : this.#settledTokens(tokens, starts, tail, last);
    this.live = [];
    for (const token of tokens.slice(0, count)) this.#settle(token);
    // A fence that begins here is taken over by the faster way of reading it.
    const rest = tail.slice(starts[count] ?? tail.length);
    if (count > 0 && tokens[count]?.type === "code" && OPEN_FENCE.test(rest)) {
      this.#from += starts[count] ?? 0;
      return true;
    }
    for (const token of tokens.slice(count)) this.#show(token);
    if (count >= tokens.length) {
      // Spaces at the end may be the indentation of what comes.
      this.#from += final ? tail.length : shown.lastIndexOf("\n") + 1;
      return false;
    }
    this.#from += starts[count] ?? 0;
    const first = tokens[count];
    if (first?.type === "list")
      this.#settleItems(first as Tokens.List, tail, starts[count] ?? 0);
    return false;
  }

  /** How many tokens at the beginning can no longer change. */
  #settledTokens(
    tokens: Token[],
    starts: number[],
    tail: string,
    last: number,
  ): number {
    const token = tokens[last];
    if (!token) return tokens.length;
    const from = starts[last] ?? 0;
    if (ENDS_BLANK.has(token.type) && !(token as MathToken).open) {
      if (/\n[ \t]*\n[ \t\n]*$/.test(tail.slice(from + token.raw.trimEnd().length))) {
        return tokens.length;
      }
    }
    // The first line tells that it is a block of its own; of a table, the second.
    for (let index = last; index > 0; index--) {
      const { type } = tokens[index] as Token;
      // Unless its end comes, an open formula goes on with the paragraph before it.
      if (type === "space" || (tokens[index] as MathToken).open) continue;
      const first = tail.indexOf("\n", starts[index]);
      if (first >= 0 && (type !== "table" || tail.indexOf("\n", first + 1) >= 0)) {
        return index;
      }
    }
    return 0;
  }

  #settle(token: Token) {
    if (token.type === "list") {
      const list = token as Tokens.List;
      const growing = this.#list ?? this.#grow(list);
      this.#remember(list.raw);
      growing.show(list, list.items.length);
      this.#list = undefined;
      this.blocks.push(growing.block);
    } else if (token.type === "def") {
      const { tag, href, title } = token as Tokens.Def;
      if (!Object.hasOwn(this.#links, tag)) {
        this.#links[tag] = { href, title };
        this.#stale ||= this.#labels.has(tag);
      }
    } else if (token.type !== "space") {
      this.#remember(token.raw);
      this.blocks.push({ kind: "html", html: this.#grammar.html([token]) });
    }
  }

  /** Notes what may be links whose definitions come later. */
  #remember(raw: string) {
    for (const [, label] of raw.matchAll(/\[([^[\]]{1,200})\]/g)) {
      if (label) this.#labels.add(label.toLowerCase().replace(/\s+/g, " "));
    }
  }

  #show(token: Token) {
    if (token.type === "list") {
      const list = token as Tokens.List;
      const growing = (this.live.length === 0 && this.#list) || this.#grow(list);
      growing.show(list, 0);
      this.live.push(growing.block);
    } else if (token.type !== "space" && token.type !== "def") {
      this.live.push({ kind: "html", html: this.#grammar.html([token]) });
    }
  }

  #grow(list: Tokens.List): GrowingList {
    return new GrowingList(list, this.#grammar.item);
  }

  /** Leaves the items behind that have another one after them. */
  #settleItems(list: Tokens.List, tail: string, from: number) {
    const finished = list.items.length - 1;
    let last = from;
    for (const item of list.items.slice(0, finished)) last += item.raw.length;
    if (finished < 1 || tail.indexOf("\n", last) < 0) return;
    const growing = this.#list ?? this.#grow(list);
    if (growing.show(list, finished) > 0) {
      this.#remember(tail.slice(from, last));
      this.#list = growing;
      this.#from += last - from;
    }
    this.live = [growing.block, ...this.live.slice(1)];
  }

  #openFence(): boolean {
    if (!this.#fence && !this.#list) {
      const found = OPEN_FENCE.exec(this.#text.slice(this.#from, this.#from + 500));
      if (found) {
        const body = this.#from + found[0].length;
        const mark = found[1] ?? found[3] ?? "";
        const info = (found[2] ?? found[4] ?? "")
          .trim()
          .replace(/\\([!-/:-@[-`{-~])/g, "$1");
        const closing = new RegExp(`^ {0,3}${mark}${mark[0]}*[ ]*$`);
        const markdown = holdsMarkdown(info) ? new MarkdownFence(mark) : undefined;
        this.#fence = { info, body, scanned: body, closing, markdown };
      }
    }
    return this.#fence !== undefined;
  }

  #stepFence(final: boolean): boolean {
    const fence = this.#fence as Fence;
    const end = this.#fenceEnd(fence, final);
    if (end) {
      this.#settleFence(fence, this.#text.slice(fence.body, end.at));
      this.#from = end.after;
      return true;
    }
    if (final) {
      this.#settleFence(fence, this.#text.slice(fence.body).replace(/\n$/, ""));
      this.#from = this.#text.length;
      return false;
    }
    // A last line that may become the end is not shown yet.
    const rest = this.#text.slice(fence.scanned);
    const hidden = /^ {0,3}[`~]*[ ]*$/.test(rest) ? fence.scanned : this.#text.length;
    const text = this.#text.slice(fence.body, hidden).replace(/\n$/, "");
    this.live = [{ kind: "code", info: fence.info, text }];
    return false;
  }

  /** Where the text of an open fence ends, and what comes after it begins. */
  #fenceEnd(fence: Fence, final: boolean): { at: number; after: number } | undefined {
    const text = this.#text;
    const complete = final ? text.length : text.lastIndexOf("\n") + 1;
    while (fence.scanned < complete) {
      const at = fence.scanned;
      const lineEnd = text.indexOf("\n", at);
      const after = lineEnd < 0 ? text.length : lineEnd + 1;
      const line = text.slice(at, lineEnd < 0 ? undefined : lineEnd);
      fence.scanned = after;
      const end = { at: Math.max(at - 1, fence.body), after };
      if (fence.closing.test(line)) {
        fence.first ??= end;
        if (!fence.markdown) return end;
      }
      if (fence.markdown?.ends(line)) return end;
    }
    // Without an end to the fences within it, it ends as any other one does.
    return final ? fence.first : undefined;
  }

  #settleFence({ info }: Fence, text: string) {
    this.blocks.push({ kind: "html", html: codeHtml(text, info) });
    this.#fence = undefined;
  }

  /** Reads everything again: a definition came for a link that was read before. */
  #restart(final: boolean) {
    this.#restarts++;
    this.#stale = false;
    this.version++;
    this.blocks = [];
    this.live = [];
    this.#from = 0;
    this.#fence = undefined;
    this.#list = undefined;
    while (this.#from < this.#text.length && this.#step(final));
    this.#stale = false;
  }
}
