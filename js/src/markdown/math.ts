// Formulas as marked extensions: $..$, $$..$$, \(..\), \[..\] and bare environments. The
// rules are those of parllama_nb/markdown/tex.py, so that a settled answer has the same.
import type { MarkedExtension, Tokens } from "marked";
import { escapeHtml } from "./escape";
import { charAfter, charBefore, inWord, rightToLeft } from "./scripts";
import { cleanTex } from "./tex-source";

export interface MathToken extends Tokens.Generic {
  type: "math" | "mathBlock";
  tex: string;
  display: boolean;
  /** Its end has not been written yet. */
  open?: boolean;
}

interface Formula {
  tex: string;
  display: boolean;
  /** Where it ends. */
  end: number;
}

// Each form ends at the first thing that could open another, so matching is linear.
const DELIMITED =
  /(\$\$?)(?!\$)([^$\\]*(?:\\[\s\S][^$\\]*)*)\1(?!\$)|(\\\\?)(?:\(([^\\]*(?:\\[^()\\][^\\]*|\\\\(?!\))[^\\]*)*)\3\)|\[([^\\]*(?:\\[^\][\\][^\\]*|\\\\(?!\])[^\\]*)*)\3\])/y;
// MathJax takes any environment for a formula, those of texts such as `itemize` too.
const NAMES =
  "((?:equation|(?:fl)?align|x?x?alignat|align(?:ed|edat)|gather(?:ed)?|multline|eqnarray|split|d?r?cases|(?:d|sub)?array|(?:[pbBvV]|small)?matrix|CD)\\*?)";
const BEGIN = new RegExp(`\\\\begin\\{${NAMES}\\}`, "y");
const TWO_DOLLARS = /(?<!\\)\$\$/g;

/** An amount of money and prose after it: "$5 and US$", "$3k, or 4$". */
const PRICE = /^[\d.,]+[kKmMbB]?(?:[,;:.]?\s+[A-Za-z]{2,}|\s*[-–/]\s*$)/;

const BEGINNING = ` {0,3}(?:\\$\\$(?!\\$)|\\\\\\[|\\\\begin\\{${NAMES}\\})`;
const BLOCK_START = new RegExp(`\\n${BEGINNING}`, "g");
const OPENING = new RegExp(`^${BEGINNING}`);
const BLANK_LINE = /\n[ \t]*\n/;
/** A longer text with empty lines is no formula, even between its marks. */
const LONGEST = 4000;
/** No further than this is looked for the end of a formula. */
const REACH = 20_000;
/** After so many beginnings without an end, no more formulas are looked for. */
export const MISSES = 30;
/** Characters of a formula that may stand within a word: `$n$th`. */
const SHORT = 2;

/** Whether the dollars around `tex` delimit a formula and do not mean money. */
function plausible(before: string, tex: string, after: string): boolean {
  if (tex.includes("`") || PRICE.test(tex)) return false;
  // Variables of a shell: `${HOME}/${USER}`.
  if (tex.startsWith("{") && after === "{") return false;
  // Arabic and Hebrew write "and", "in" and "the" at the word that follows.
  const within = [before, after].some((side) => inWord(side) && !rightToLeft(side));
  if (within) {
    // `$n$th` and `2$\times$2`, but neither `$5-$10` nor `$HOME/$USER`.
    const short = tex.length <= SHORT && !/\d/.test(after);
    return /[\\^]/.test(tex) || (short && (!inWord(before) || rightToLeft(before)));
  }
  if (tex === tex.trim()) return true;
  // `$ x + y $` is common; "$ 5 and $ 6" is not a formula.
  const padded = /^\s[\s\S]*\s$/.test(tex);
  return padded && (tex.trim().length === 1 || /[\\^_=+]/.test(tex));
}

/** The formula that begins at `at` in the text of a paragraph, if one does. */
export function formulaAt(src: string, at: number): Formula | undefined {
  const formula = src.startsWith("\\begin{", at)
    ? environmentAt(src, at)
    : delimitedAt(src, at);
  return formula && cleanTex(formula.tex) ? formula : undefined;
}

function environmentAt(src: string, at: number): Formula | undefined {
  BEGIN.lastIndex = at;
  const name = BEGIN.exec(src)?.[1];
  const closing = `\\end{${name}}`;
  const end = name ? src.indexOf(closing, at) + closing.length : 0;
  if (end < closing.length) return undefined;
  return { tex: src.slice(at, end), display: true, end };
}

function delimitedAt(src: string, at: number): Formula | undefined {
  DELIMITED.lastIndex = at;
  const found = DELIMITED.exec(src);
  if (!found) return undefined;
  const [raw, dollars, between, , round, square] = found;
  const end = at + raw.length;
  if (round !== undefined) return { tex: round, display: false, end };
  if (square !== undefined) return { tex: square, display: true, end };
  const tex = between ?? "";
  const before = charBefore(src, at);
  if (before === "$") return undefined;
  if (dollars === "$" && !plausible(before, tex, charAfter(src, end))) return undefined;
  return { tex, display: dollars === "$$", end };
}

/** Whether dollars at a line's beginning end what their paragraph has opened. */
export const closesFormula = (paragraph: string, mark: string) =>
  mark.endsWith("$") && (paragraph.match(TWO_DOLLARS)?.length ?? 0) % 2 === 1;

/** Where the first block may begin in a text that is not one itself. */
function blockStart(src: string): number | undefined {
  for (const { 0: mark, index } of src.matchAll(BLOCK_START)) {
    if (!closesFormula(src.slice(0, index), mark)) return index + 1;
  }
  return undefined;
}

export interface BlockFormula extends Formula {
  open: boolean;
}

/** The formula that the first lines of a text are, or of which they are the beginning. */
export function blockFormula(all: string): BlockFormula | undefined {
  const src = all.slice(0, REACH);
  const found = OPENING.exec(src);
  if (!found) return undefined;
  const [opening, name] = found;
  const dollars = opening.endsWith("$$");
  const closing = name ? `\\end{${name}}` : dollars ? "$$" : "\\]";
  const at = src.indexOf(closing, opening.length);
  if (at < 0 && src.length < all.length) return undefined;
  const inside = src.slice(opening.length, at < 0 ? undefined : at);
  if (BLANK_LINE.test(inside)) {
    // Dollars may also mean money: only those that have a line to themselves may have
    // empty lines between them.
    if (dollars && !/^[ \t]*\n/.test(inside)) return undefined;
    if (inside.length > LONGEST || inside.includes("```")) return undefined;
  }
  if (at < 0) return { tex: inside, display: true, end: src.length, open: true };
  const rest = /^[ \t]*(?:\n|$)/.exec(src.slice(at + closing.length));
  const end = at + closing.length;
  const tex = name ? src.slice(opening.indexOf("\\"), end) : inside;
  if (!rest || !cleanTex(tex)) return undefined;
  return { tex, display: true, end: end + rest[0].length, open: false };
}

/** The source as code, which becomes a formula once KaTeX is there. */
const source = ({ tex, display }: MathToken) =>
  `<code dir="ltr" class="pl-tex" data-display="${display}">${escapeHtml(tex.trim())}</code>`;

/** What formulas need of the lexer. */
export interface FormulaLexer {
  /** How many blocks it is inside of, the document included. */
  readonly depth: number;
  /** How many beginnings of formulas had no end. */
  misses: number;
  /** Where in the text of its paragraph it is, with `rest` to come. */
  position(rest: string): { text: string; at: number };
}

/** `streaming` keeps a block whose end has not come from being read as a paragraph. */
export function mathExtension(streaming: boolean): MarkedExtension {
  return {
    extensions: [
      {
        name: "mathBlock",
        level: "block",
        start(this: { lexer: unknown }, src: string) {
          if ((this.lexer as FormulaLexer).misses > MISSES) return undefined;
          return blockStart(src);
        },
        tokenizer(this: { lexer: unknown }, src: string): MathToken | undefined {
          const lexer = this.lexer as FormulaLexer;
          if (lexer.misses > MISSES || !OPENING.test(src)) return undefined;
          const formula = blockFormula(src);
          if (!formula || (formula.open && (lexer.depth !== 1 || !streaming))) {
            lexer.misses++;
            return undefined;
          }
          const { tex, end, open } = formula;
          const raw = src.slice(0, end);
          return { type: "mathBlock", raw, tex, display: true, open };
        },
        renderer: (token) =>
          `<div class="pl-math">${(token as MathToken).open ? `<code dir="ltr">${escapeHtml((token as MathToken).tex.trim())}</code>` : source(token as MathToken)}</div>`,
      },
      {
        name: "math",
        level: "inline",
        start: (src: string) => {
          const at = src.search(/\$|\\[([]|\\begin\{/);
          return at < 0 ? undefined : at;
        },
        tokenizer(this: { lexer: unknown }, src: string): MathToken | undefined {
          if (!/^(?:\$|\\\\?[([]|\\begin\{)/.test(src)) return undefined;
          const { text, at } = (this.lexer as FormulaLexer).position(src);
          const formula = formulaAt(text, at);
          if (!formula) return undefined;
          const { tex, display, end } = formula;
          return { type: "math", raw: text.slice(at, end), tex, display };
        },
        renderer: (token) => source(token as MathToken),
      },
    ],
  };
}
