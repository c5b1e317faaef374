// marked's lexer with bounds on what hostile nesting can cost; it knows where in a
// paragraph it is, and which marks in it belong together.
import { Lexer, type Token, type Tokens, type TokensList } from "marked";
import { type Emphasis, emphasis } from "./emphasis";
import type { FormulaLexer } from "./math";

/** Deeper quotes, lists and emphasis are shown as they were written. */
const MAX_DEPTH = 16;
/** Longer paragraphs, and ones with more marks, are shown as they were written. */
const MAX_INLINE = 20_000;
const MAX_MARKS = 1500;

/** Text as it was written. */
export const plain = (src: string): Tokens.Text => ({
  type: "text",
  raw: src,
  text: src,
  escaped: false,
});

const NONE: Emphasis = { spans: new Map(), open: [], openCode: -1 };

/** Whether a text is so long, or has so many marks, that it is shown as it was written. */
export const tooMuch = (src: string) =>
  src.length > MAX_INLINE ||
  (src.length > MAX_MARKS && (src.match(/[*_~`[\]<$\\!]/g)?.length ?? 0) > MAX_MARKS);

/** A text between marks, in the text of its paragraph. */
interface Inline {
  text: string;
  /** Where the part ends that is lexed now. */
  end: number;
  marks: Emphasis;
}

export class BoundedLexer extends Lexer implements FormulaLexer {
  misses = 0;
  #blocks = 0;
  #inlines: Inline[] = [];
  #within: Inline | undefined;

  get depth(): number {
    return this.#blocks;
  }

  position(rest: string): Inline & { at: number } {
    const inline = this.#inlines.at(-1) ?? {
      text: rest,
      end: rest.length,
      marks: NONE,
    };
    return { ...inline, at: inline.end - rest.length };
  }

  /** The tokens of a span, whose marks are paired already. */
  spanTokens({ text, marks }: Inline, from: number, end: number): Token[] {
    this.#within = { text, end, marks };
    return this.inlineTokens(text.slice(from, end));
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
    const within = this.#within;
    this.#within = undefined;
    if (this.#inlines.length >= MAX_DEPTH || tooMuch(src)) {
      tokens.push(plain(src));
      return tokens;
    }
    this.#inlines.push(within ?? { text: src, end: src.length, marks: emphasis(src) });
    try {
      return super.inlineTokens(src, tokens);
    } finally {
      this.#inlines.pop();
    }
  }
}
