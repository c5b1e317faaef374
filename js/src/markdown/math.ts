// Formulas as marked extensions: $..$, $$..$$, \(..\) and \[..\].
import type { MarkedExtension, Token, Tokens } from "marked";
import { escapeHtml } from "./escape";

export interface MathToken extends Tokens.Generic {
  type: "math" | "mathBlock";
  tex: string;
  display: boolean;
  /** Its end has not been written yet. */
  open?: boolean;
}

const INLINE: readonly [RegExp, boolean][] = [
  [/^\$\$(?!\$)((?:\\[\s\S]|[^\\$\n]|\n(?![ \t]*\n))+?)\$\$/, true],
  [/^\\\[((?:\\[^\]]|[^\\\n]|\n(?![ \t]*\n))+?)\\\]/, true],
  [/^\\\(((?:\\[^)]|[^\\\n]|\n(?![ \t]*\n))+?)\\\)/, false],
  // Pandoc's rule: no space inside of the dollars and no digit after them.
  [
    /^\$(?![\s$])((?:\\[\s\S]|[^\\$\n]|\n(?![ \t]*\n))*?(?:\\[\s\S]|[^\\$\s]))\$(?![\d$])/,
    false,
  ],
];

/** An amount of money and prose after it: "$5 and US$", "$3k, or 4$". */
const PRICE = /^[\d.,]+[kKmMbB]?(?:[,;:.]?\s+[A-Za-z]{2,}|\s*[-–/]\s*$)/;

const BLOCK =
  /^ {0,3}(?:\$\$(?!\$)((?:\\[\s\S]|[^\\$\n]|\n(?![ \t]*\n))+?)\$\$|\\\[((?:\\[^\]]|[^\\\n]|\n(?![ \t]*\n))+?)\\\])[ \t]*(?:\n|$)/;
const OPEN_BLOCK = /^ {0,3}(?:\$\$(?!\$)|\\\[)((?:[^\n]|\n(?![ \t]*\n))*)$/;
const BLOCK_START = /\n {0,3}(?:\$\$(?!\$)|\\\[)/;

/** The source as code, which becomes a formula once KaTeX is there. */
const source = ({ tex, display }: MathToken) =>
  `<code class="pl-tex" data-display="${display}">${escapeHtml(tex.trim())}</code>`;

function inline(src: string, before: Token[]): MathToken | undefined {
  if (src[0] === "$" && /[A-Za-z0-9]$/.test(before.at(-1)?.raw ?? "")) return undefined;
  for (const [pattern, display] of INLINE) {
    const found = pattern.exec(src);
    const tex = found?.[1];
    if (found && tex?.trim() && (display || !PRICE.test(tex))) {
      return { type: "math", raw: found[0], tex, display };
    }
  }
  return undefined;
}

/** `streaming` keeps a block whose end has not come from being read as a paragraph. */
export function mathExtension(streaming: boolean): MarkedExtension {
  return {
    extensions: [
      {
        name: "mathBlock",
        level: "block",
        start: (src: string) => {
          const at = BLOCK_START.exec(src)?.index;
          return at === undefined ? undefined : at + 1;
        },
        tokenizer(this: { lexer: unknown }, src: string): MathToken | undefined {
          const found = BLOCK.exec(src);
          const tex = found?.[1] ?? found?.[2];
          if (found && tex?.trim()) {
            return { type: "mathBlock", raw: found[0], tex, display: true };
          }
          const nested = (this.lexer as { depth?: number }).depth !== 1;
          const open = streaming && !nested ? OPEN_BLOCK.exec(src) : null;
          // `$$x$$ and more` is a paragraph that begins with a formula.
          if (open && !/\$\$|\\\]/.test(open[1] ?? "")) {
            const rest = open[1] ?? "";
            return {
              type: "mathBlock",
              raw: open[0],
              tex: rest,
              display: true,
              open: true,
            };
          }
          return undefined;
        },
        renderer: (token) =>
          `<div class="pl-math">${(token as MathToken).open ? `<code>${escapeHtml((token as MathToken).tex.trim())}</code>` : source(token as MathToken)}</div>`,
      },
      {
        name: "math",
        level: "inline",
        start: (src: string) => {
          const at = src.search(/\$|\\[([]/);
          return at < 0 ? undefined : at;
        },
        tokenizer: (src: string, before: Token[]) => inline(src, before),
        renderer: (token) => source(token as MathToken),
      },
    ],
  };
}
