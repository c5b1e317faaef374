// The HTML of an answer's tokens: no raw HTML, no address that a page would fetch by
// itself, and each block in its own direction.
import { Renderer, type Token, type Tokens } from "marked";
import { isRelative, linkAddress } from "./addresses";
import { plainText, textHtml } from "./entities";
import { escapeHtml } from "./escape";
import { type Direction, direction } from "./scripts";

const SAFE_IMAGE = /^data:image\/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+=*$/i;

const anchor = (href: string, content: string, title?: string | null) =>
  `<a href="${escapeHtml(href)}"${title ? ` title="${escapeHtml(title)}"` : ""}>${content}</a>`;

/** The first word of a fence's info string: its language. */
export const language = (info: string | undefined) =>
  /^[{.]*([^\s{},:=]{1,32})/.exec(info ?? "")?.[1] ?? "";

export const codeHtml = (text: string, info: string | undefined) =>
  `<div class="pl-code" dir="ltr"><pre><code data-lang="${escapeHtml(language(info))}">${escapeHtml(text)}</code></pre></div>`;

export class AnswerRenderer extends Renderer {
  /** The direction of the block that is being written. */
  #around: Direction = "ltr";
  /** How many items of lists it is in. */
  #items = 0;
  /** The text of a link is being written. */
  #linked = false;

  /** `html` of a block that stands in one of `around`. */
  within(around: Direction, html: () => string): string {
    const outer = this.#around;
    this.#around = around;
    try {
      return html();
    } finally {
      this.#around = outer;
    }
  }

  /** A block, with `dir` if it runs another way than what is around it. */
  #block(tokens: Token[], html: (dir: string) => string): string {
    const own = direction(tokens) ?? this.#around;
    const dir = own === this.#around ? "" : ' dir="auto"';
    return this.within(own, () => html(dir));
  }

  /** The text of an item or a cell, which is no block of its own. */
  #text(tokens: Token[]): string {
    return this.#block(tokens, (dir) => {
      const html = this.parser.parseInline(tokens);
      return dir ? `<span${dir}>${html}</span>` : html;
    });
  }

  override paragraph({ tokens }: Tokens.Paragraph): string {
    return this.#block(
      tokens,
      (dir) => `<p${dir}>${this.parser.parseInline(tokens)}</p>\n`,
    );
  }

  override heading({ tokens, depth }: Tokens.Heading): string {
    return this.#block(
      tokens,
      (dir) => `<h${depth}${dir}>${this.parser.parseInline(tokens)}</h${depth}>\n`,
    );
  }

  override blockquote({ tokens }: Tokens.Blockquote): string {
    return this.#block(
      tokens,
      (dir) => `<blockquote${dir}>\n${this.parser.parse(tokens)}</blockquote>\n`,
    );
  }

  override list(token: Tokens.List): string {
    // A list within a list runs as that does; its items have their own texts.
    if (this.#items > 0) return super.list(token);
    return this.#block([token], (dir) =>
      super.list(token).replace(/^<[ou]l/, `$&${dir}`),
    );
  }

  override listitem(item: Tokens.ListItem): string {
    this.#items++;
    try {
      return super.listitem(item);
    } finally {
      this.#items--;
    }
  }

  override table(token: Tokens.Table): string {
    return this.#block(
      [token],
      (dir) => `<div class="pl-table"${dir}>${super.table(token)}</div>`,
    );
  }

  override tablecell({ header, align, tokens }: Tokens.TableCell): string {
    const tag = header ? "th" : "td";
    return `<${tag}${align ? ` align="${align}"` : ""}>${this.#text(tokens)}</${tag}>\n`;
  }

  override code({ text, lang }: Tokens.Code): string {
    // The lexer gives a text that ends with an empty line one line end more.
    return codeHtml(text.replace(/\n$/, ""), lang);
  }

  override html({ text }: Tokens.HTML | Tokens.Tag): string {
    return escapeHtml(text);
  }

  override text(token: Tokens.Text | Tokens.Escape): string {
    if ("tokens" in token && token.tokens) return this.#text(token.tokens);
    return token.type === "escape" ? escapeHtml(token.text) : textHtml(token.raw);
  }

  override codespan({ text }: Tokens.Codespan): string {
    const dir = this.#around === "rtl" ? ' dir="ltr"' : "";
    return `<code${dir}>${escapeHtml(text)}</code>`;
  }

  override link({ raw, href, title, tokens }: Tokens.Link): string {
    const address = linkAddress(plainText(href));
    if (!address && !isRelative(href)) return textHtml(raw);
    this.#linked = true;
    const content = this.parser.parseInline(tokens);
    this.#linked = false;
    return address ? anchor(address, content, title && plainText(title)) : content;
  }

  override image({ href, title, text, tokens }: Tokens.Image): string {
    const words = plainText(this.parser.parseInline(tokens, this.parser.textRenderer));
    const clean = plainText(href).trim();
    if (SAFE_IMAGE.test(clean)) {
      return `<img src="${clean}" alt="${escapeHtml(words)}"${title ? ` title="${escapeHtml(plainText(title))}"` : ""}>`;
    }
    // Fetching an image tells its server what is in its address: only on a click.
    const label = text ? `image: ${escapeHtml(words)}` : "image";
    const address = linkAddress(clean);
    return address && !this.#linked ? anchor(address, label) : `[${label}]`;
  }

  override checkbox({ checked }: Tokens.Checkbox): string {
    return `<input type="checkbox" disabled${checked ? " checked" : ""}> `;
  }
}
