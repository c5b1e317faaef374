// What the scripts of the world ask of Markdown: words without spaces, and lines that
// run from right to left.
import type { Token, Tokens } from "marked";

// Characters of scripts that put no space between words, with their own signs, and
// Hangul, whose particles follow a word at once: Thai to Khmer, then East Asia.
const UNSPACED =
  "\\u0e00-\\u109f\\u1100-\\u11ff\\u1780-\\u17ff\\u2e80-\\ua4cf\\ua960-\\ua97f\\uac00-\\ud7ff\\uf900-\\ufaff\\ufe10-\\ufe1f\\ufe30-\\ufe4f\\uff00-\\uffef\\u{1b000}-\\u{1b2ff}\\u{20000}-\\u{3ffff}";
const UNSPACED_CHAR = new RegExp(`[${UNSPACED}]`, "u");
const WORD = /[\p{L}\p{N}]/u;
const LETTER = /\p{L}/u;
// Hebrew, Arabic, Syriac, Thaana, N'Ko and their neighbours.
const RIGHT_TO_LEFT =
  /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** Whether the character belongs to a script without spaces between words. */
export const unspaced = (char: string) => UNSPACED_CHAR.test(char);

/** Whether the character is part of a word that spaces would end. */
export const inWord = (char: string) => WORD.test(char) && !UNSPACED_CHAR.test(char);

/** Whether the character belongs to a script that runs from right to left. */
export const rightToLeft = (char: string) => RIGHT_TO_LEFT.test(char);

/** The whole character that ends before `at`, or "". */
export function charBefore(text: string, at: number): string {
  const low = text.charCodeAt(at - 1);
  const pair = low >= 0xdc00 && low <= 0xdfff && at > 1;
  return text.slice(Math.max(0, at - (pair ? 2 : 1)), at);
}

/** The whole character that begins at `at`, or "". */
export const charAfter = (text: string, at: number) => {
  const code = text.codePointAt(at);
  return code === undefined ? "" : String.fromCodePoint(code);
};

export type Direction = "ltr" | "rtl";

/**
 * The direction of a text as `dir="auto"` finds it: that of its first letter outside of
 * code and formulas, which have a direction of their own.
 */
export function direction(tokens: readonly Token[]): Direction | undefined {
  for (const token of tokens) {
    const found = directionOf(token);
    if (found) return found;
  }
  return undefined;
}

function directionOf(token: Token): Direction | undefined {
  switch (token.type) {
    case "code":
    case "codespan":
    case "math":
    case "mathBlock":
    case "def":
      return undefined;
    case "image":
      return "ltr";
    case "list":
      return direction((token as Tokens.List).items);
    case "table": {
      const { header, rows } = token as Tokens.Table;
      return direction([header, ...rows].flat().flatMap(({ tokens }) => tokens));
    }
  }
  if ("tokens" in token && token.tokens) return direction(token.tokens);
  // The letters of a reference such as `&amp;` are not seen.
  const letter = LETTER.exec(token.raw.replace(/&#?\w+;/g, ""))?.[0];
  if (!letter) return undefined;
  return rightToLeft(letter) ? "rtl" : "ltr";
}
