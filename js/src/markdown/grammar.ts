// Markdown as answers are read: GitHub's, with formulas, without raw HTML, and with
// bounds on what hostile nesting can cost.
import {
  Lexer,
  Marked,
  type MarkedOptions,
  Parser,
  Renderer,
  type Token,
  type Tokens,
  type TokensList,
} from "marked";
import { escapeHtml } from "./escape";
import { mathExtension } from "./math";

export type Links = Record<string, Pick<Tokens.Link, "href" | "title">>;

/** Deeper quotes, lists and emphasis are shown as they were written. */
const MAX_DEPTH = 16;
/** Longer paragraphs, and ones with more marks, are shown as they were written. */
const MAX_INLINE = 20_000;
const MAX_MARKS = 1500;

const plain = (src: string): Tokens.Text => ({
  type: "text",
  raw: src,
  text: src,
  escaped: false,
});

const tooMuch = (src: string) =>
  src.length > MAX_INLINE ||
  (src.length > MAX_MARKS && (src.match(/[*_~`[\]<$\\!]/g)?.length ?? 0) > MAX_MARKS);

class BoundedLexer extends Lexer {
  #blocks = 0;
  #inlines = 0;

  /** How many blocks the lexer is inside of, the document included. */
  get depth(): number {
    return this.#blocks;
  }

  override blockTokens(src: string, tokens?: Token[], clipped?: boolean): Token[];
  override blockTokens(src: string, tokens?: TokensList, clipped?: boolean): TokensList;
  override blockTokens(src: string, tokens: Token[] = [], clipped?: boolean): Token[] {
    if (this.#blocks >= MAX_DEPTH) {
      if (src.trim()) {
        tokens.push({ type: "paragraph", raw: src, text: src, tokens: [plain(src)] });
      }
      this.state.top = true;
      return tokens;
    }
    this.#blocks++;
    try {
      return super.blockTokens(src, tokens, clipped);
    } finally {
      this.#blocks--;
    }
  }

  override inlineTokens(src: string, tokens: Token[] = []): Token[] {
    if (this.#inlines >= MAX_DEPTH || tooMuch(src)) {
      tokens.push(plain(src));
      return tokens;
    }
    this.#inlines++;
    try {
      return super.inlineTokens(src, tokens);
    } finally {
      this.#inlines--;
    }
  }
}

const SAFE_LINK = /^(?:https?:\/\/|mailto:)[^\s]/i;
const SAFE_IMAGE = /^data:image\/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+=*$/i;

/** What a browser reads an address as: without the controls and spaces it drops. */
const address = (href: string) =>
  Array.from(href)
    .filter((char) => char > " " && char !== "\u007f")
    .join("");

const anchor = (href: string, content: string, title?: string | null) =>
  `<a href="${escapeHtml(href)}"${title ? ` title="${escapeHtml(title)}"` : ""}>${content}</a>`;

/** The first word of a fence's info string: its language. */
export const language = (info: string | undefined) =>
  /^[{.]*([^\s{},:=]{1,32})/.exec(info ?? "")?.[1] ?? "";

export const codeHtml = (text: string, info: string | undefined) =>
  `<div class="pl-code"><pre><code data-lang="${escapeHtml(language(info))}">${escapeHtml(text)}</code></pre></div>`;

class AnswerRenderer extends Renderer {
  override code({ text, lang }: Tokens.Code): string {
    // The lexer gives a text that ends with an empty line one line end more.
    return codeHtml(text.replace(/\n$/, ""), lang);
  }

  override html({ text }: Tokens.HTML | Tokens.Tag): string {
    return escapeHtml(text);
  }

  override text(token: Tokens.Text | Tokens.Escape): string {
    return "tokens" in token && token.tokens
      ? this.parser.parseInline(token.tokens)
      : escapeHtml(token.text);
  }

  override codespan({ text }: Tokens.Codespan): string {
    return `<code>${escapeHtml(text)}</code>`;
  }

  override link({ href, title, tokens }: Tokens.Link): string {
    const content = this.parser.parseInline(tokens);
    const clean = address(href);
    return SAFE_LINK.test(clean) ? anchor(clean, content, title) : content;
  }

  override image({ href, title, text }: Tokens.Image): string {
    const clean = address(href);
    if (SAFE_IMAGE.test(clean)) {
      return `<img src="${clean}" alt="${escapeHtml(text)}"${title ? ` title="${escapeHtml(title)}"` : ""}>`;
    }
    // Fetching an image tells its server what is in its address: only on a click.
    const label = `Image: ${escapeHtml(text || title || clean.slice(0, 80))}`;
    return SAFE_LINK.test(clean) && !/^mailto:/i.test(clean)
      ? anchor(clean, label)
      : label;
  }

  override table(token: Tokens.Table): string {
    return `<div class="pl-table">${super.table(token)}</div>`;
  }

  override checkbox({ checked }: Tokens.Checkbox): string {
    return `<input type="checkbox" disabled${checked ? " checked" : ""}> `;
  }
}

function options(streaming: boolean): MarkedOptions {
  const marked = new Marked({ gfm: true, silent: false }, mathExtension(streaming), {
    extensions: [
      {
        // The one tag that models write where Markdown has no mark: in table cells.
        name: "br",
        level: "inline",
        start: (src: string) => {
          const at = src.search(/<br ?\/?>/i);
          return at < 0 ? undefined : at;
        },
        tokenizer: (src: string) => {
          const found = /^<br ?\/?>/i.exec(src);
          return found ? { type: "br", raw: found[0] } : undefined;
        },
      },
    ],
    tokenizer: {
      // Raw HTML is no HTML here: it falls through to being text.
      html: () => undefined,
      tag: () => undefined,
    },
  });
  return { ...marked.defaults, renderer: new AnswerRenderer() };
}

export interface Grammar {
  /** Top-level tokens of `src`, given the link definitions that are known. */
  lex(src: string, links: Links, streaming: boolean): TokensList;
  html(tokens: Token[]): string;
  item(item: Tokens.ListItem): string;
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
    item: (item) => new Parser(final).renderer.listitem(item),
  };
}
