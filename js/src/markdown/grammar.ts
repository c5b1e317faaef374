// Markdown as answers are read: GitHub's, with formulas and without raw HTML, and as
// models mean it where GitHub's own rules would show their marks.
import {
  Marked,
  type MarkedOptions,
  Parser,
  type Token,
  Tokenizer,
  type TokenizerAndRendererExtension,
  type Tokens,
  type TokensList,
} from "marked";
import { bareAddressEnd } from "./addresses";
import { holdsMarkdown, markdownFenceEnd } from "./fences";
import { AnswerRenderer } from "./html";
import { BoundedLexer, plain } from "./lexer";
import { formulaAt, mathExtension } from "./math";
import { pathPartEnd } from "./paths";
import type { Direction } from "./scripts";
import { rowsWithOwnPipes } from "./tables";

export type Links = Record<string, Pick<Tokens.Link, "href" | "title">>;

/** The one tag that models write where Markdown has no mark: in the cells of tables. */
const lineBreak: TokenizerAndRendererExtension = {
  name: "br",
  level: "inline",
  start: (src) => {
    const at = src.search(/<br ?\/?>/i);
    return at < 0 ? undefined : at;
  },
  tokenizer: (src) => {
    const found = /^<br ?\/?>/i.exec(src);
    return found ? { type: "br", raw: found[0] } : undefined;
  },
};

const emphasised: TokenizerAndRendererExtension = {
  name: "emphasis",
  level: "inline",
  tokenizer(src) {
    if (!/^[*_~]/.test(src)) return undefined;
    const lexer = this.lexer as BoundedLexer;
    const inline = lexer.position(src);
    const span = inline.marks.spans.get(inline.at);
    if (span) {
      const { type, end, size } = span;
      const [from, to] = [inline.at + size, end - size];
      const tokens = lexer.spanTokens(inline, from, to);
      const { text } = inline;
      return {
        type,
        raw: text.slice(inline.at, end),
        text: text.slice(from, to),
        tokens,
      };
    }
    // All marks up to the next span are text: marked would take the whole run for it.
    const run = /^([*_~])\1*/.exec(src)?.[0] ?? "";
    let length = 1;
    while (length < run.length && !inline.marks.spans.has(inline.at + length)) length++;
    return plain(src.slice(0, length));
  },
};

const path: TokenizerAndRendererExtension = {
  name: "path",
  level: "inline",
  tokenizer(src) {
    if (!src.startsWith("\\")) return undefined;
    const { text, at } = (this.lexer as BoundedLexer).position(src);
    const end = formulaAt(text, at) ? -1 : pathPartEnd(text, at);
    return end < 0 ? undefined : plain(text.slice(at, end));
  },
};

const bareAddress: TokenizerAndRendererExtension = {
  name: "address",
  level: "inline",
  start: (src) => {
    const at = src.search(/https?:\/\/|www\./i);
    return at < 0 ? undefined : at;
  },
  tokenizer(src) {
    const lexer = this.lexer as BoundedLexer;
    const beginning = /^(?:https?:\/\/|www\.)/i.exec(src)?.[0];
    if (!beginning || lexer.state.inLink) return undefined;
    const { text, at } = lexer.position(src);
    const end = bareAddressEnd(text, at);
    if (end < 0) return plain(beginning);
    const raw = text.slice(at, end);
    const href = /^www/i.test(raw) ? `http://${raw}` : raw;
    return { type: "link", raw, text: raw, href, tokens: [plain(raw)] };
  },
};

function options(streaming: boolean): MarkedOptions {
  const rules = new Marked({ gfm: true, silent: false }, mathExtension(streaming), {
    extensions: [lineBreak, path, emphasised, bareAddress],
    tokenizer: {
      // Raw HTML is no HTML here: it falls through to being text.
      html: () => undefined,
      tag: () => undefined,
      // These are found by the extensions.
      emStrong: () => undefined,
      del: () => undefined,
      table(src) {
        const table = this.rules.block.table.exec(src)?.[0];
        if (!table || !/[`$\\]/.test(table)) return false;
        const token = Tokenizer.prototype.table.call(this, rowsWithOwnPipes(table));
        return token && { ...token, raw: table };
      },
      fences(src) {
        const [opening, mark = "", info = ""] =
          /^ {0,3}(`{3,}|~{3,})([^`\n]*)\n/.exec(src) ?? [];
        if (!opening || !holdsMarkdown(info)) return false;
        const end = markdownFenceEnd(src.slice(opening.length), mark);
        if (!end) return false;
        const text = src.slice(opening.length, opening.length + end.body);
        const raw = src.slice(0, opening.length + end.after);
        return { type: "code", raw, lang: info.trim(), text };
      },
    },
  });
  return { ...rules.defaults, renderer: new AnswerRenderer() };
}

export interface Grammar {
  /** Top-level tokens of `src`, given the link definitions that are known. */
  lex(src: string, links: Links, streaming: boolean): TokensList;
  html(tokens: Token[]): string;
  /** An item of a list that runs in a direction. */
  item(item: Tokens.ListItem, around: Direction): string;
}

export function grammar(): Grammar {
  const reading = options(true);
  const final = options(false);
  return {
    lex(src, links, streaming) {
      const lexer = new BoundedLexer(streaming ? reading : final);
      Object.assign(lexer.tokens.links, links);
      try {
        return lexer.lex(src);
      } catch {
        // A text that the lexer cannot take is still an answer.
        const token = { type: "paragraph", raw: src, text: src, tokens: [plain(src)] };
        return Object.assign([token as Token], { links: {} });
      }
    },
    html: (tokens) => new Parser(final).parse(tokens),
    item: (item, around) => {
      const { renderer } = new Parser(final);
      return (renderer as AnswerRenderer).within(around, () => renderer.listitem(item));
    },
  };
}
