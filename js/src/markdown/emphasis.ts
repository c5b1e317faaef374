// Bold, slanted and struck-out text, as CommonMark pairs its marks, but also beside the
// full-width signs of scripts that put no space between words: `**重点：**后面`.
import { bareAddressEnd } from "./addresses";
import { formulaAt } from "./math";
import { pathPartEnd } from "./paths";
import { charAfter, charBefore, unspaced } from "./scripts";

/** A run of `*`, `_` or `~~` that may begin or end emphasis. */
export interface Run {
  char: string;
  at: number;
  /** How many of its marks are not paired. */
  left: number;
  size: number;
  opens: boolean;
  closes: boolean;
}

export interface Span {
  type: "em" | "strong" | "del";
  /** Where it ends, its marks included. */
  end: number;
  /** How many marks it has on each side. */
  size: number;
}

export interface Emphasis {
  /** Each by where it begins. */
  spans: Map<number, Span>;
  /** What could begin emphasis that has no end in this text, in order. */
  open: Run[];
  /** Where code begins whose end is not in this text, or -1. */
  openCode: number;
}

const MARK = /[\\`*_~<[$]|(?:https?:\/\/|www\.)/gi;
const CODE_END = /(?<!`)`+(?!`)/g;
const ANGLES = /<[^\s<>]*>/y;
// The text of a link may have brackets in it, its address parentheses.
const LINK =
  /\[(?:[^[\]\\]|\\[\s\S]|\[[^[\]]*\](?:\([^()]*\))?)*\]\((?:[ \n]*<[^<>\n]*>|(?:[^()\s\\]|\\.|\([^()\s]*\))*)(?:\s+(?:"[^"]*"|'[^']*'))?\s*\)/y;
const PUNCTUATION = /[\p{P}\p{S}]/u;
/** What makes an emoji of the asterisk before it. */
const KEYCAP = /\ufe0f?\u20e3/y;
const isSpace = (char: string) => char === "" || /\s/.test(char);

/** A run as it stands between two characters. */
function flanked(char: string, at: number, size: number, text: string): Run {
  const before = charBefore(text, at);
  const after = charAfter(text, at + size);
  // An underscore within a word means itself, in all scripts.
  const loose = char !== "_";
  const apart = (side: string) =>
    isSpace(side) || PUNCTUATION.test(side) || (loose && unspaced(side));
  const sign = (side: string) => PUNCTUATION.test(side) && !(loose && unspaced(side));
  const left = !isSpace(after) && (!sign(after) || apart(before));
  const right = !isSpace(before) && (!sign(before) || apart(after));
  const opens = left && (loose || !right || PUNCTUATION.test(before));
  const closes = right && (loose || !left || PUNCTUATION.test(after));
  return { char, at, left: size, size, opens, closes };
}

/** Where code, a formula, a link or an escape that begins at `at` ends, or -1. */
function opaqueEnd(text: string, at: number): number {
  const char = text.charAt(at);
  if (char === "\\" || char === "$") {
    const end = formulaAt(text, at)?.end ?? pathPartEnd(text, at);
    return end > 0 ? end : at + (char === "\\" ? 2 : 1);
  }
  if (char === "<" || char === "[") {
    const pattern = char === "<" ? ANGLES : LINK;
    pattern.lastIndex = at;
    return pattern.test(text) ? pattern.lastIndex : -1;
  }
  return bareAddressEnd(text, at);
}

function matchesAt(pattern: RegExp, text: string, at: number): boolean {
  pattern.lastIndex = at;
  return pattern.test(text);
}

function codeEnd(text: string, at: number, ticks: string): number {
  CODE_END.lastIndex = at + ticks.length;
  for (let found = CODE_END.exec(text); found; found = CODE_END.exec(text)) {
    if (found[0] === ticks) return found.index + ticks.length;
  }
  return -1;
}

/** Finds the runs of a paragraph's text, and code in it that does not end. */
function runsOf(text: string): { runs: Run[]; openCode: number } {
  const runs: Run[] = [];
  let openCode = -1;
  MARK.lastIndex = 0;
  for (let found = MARK.exec(text); found; found = MARK.exec(text)) {
    const at = found.index;
    const char = text.charAt(at);
    let end: number;
    if (/[`*_~]/.test(char)) {
      end = at + 1;
      while (text.charAt(end) === char) end++;
      if (char === "`") {
        const closed = codeEnd(text, at, text.slice(at, end));
        if (closed < 0 && openCode < 0) openCode = at;
        end = Math.max(closed, end);
      } else if (
        char === "*" ? !matchesAt(KEYCAP, text, end) : char !== "~" || end - at === 2
      ) {
        runs.push(flanked(char, at, end - at, text));
      }
    } else end = opaqueEnd(text, at);
    // What is tried next needs its own place: the scans of `opaqueEnd` are nested.
    MARK.lastIndex = end > at ? end : at + found[0].length;
  }
  return { runs, openCode };
}

/** Whether a run ends what another one has begun. */
function pairs(opener: Run, closer: Run): boolean {
  if (opener.char !== closer.char) return false;
  if (opener.char === "~") return true;
  // CommonMark's rule of three, which tells `*a**b*` from `*a**b**c*`.
  const both = opener.closes || closer.opens;
  const sum = opener.size + closer.size;
  return !both || sum % 3 !== 0 || (opener.size % 3 === 0 && closer.size % 3 === 0);
}

/** Pairs the marks in the text of one paragraph, cell or heading. */
export function emphasis(text: string): Emphasis {
  const spans = new Map<number, Span>();
  const open: Run[] = [];
  const { runs, openCode } = runsOf(text);
  for (const run of runs) {
    while (run.closes && run.left > 0) {
      const index = open.findLastIndex((opener) => pairs(opener, run));
      const opener = open[index];
      if (!opener) break;
      const size = Math.min(2, opener.left, run.left);
      const type = run.char === "~" ? "del" : size === 2 ? "strong" : "em";
      opener.left -= size;
      const end = run.at + run.size - run.left + size;
      run.left -= size;
      spans.set(opener.at + opener.left, { type, end, size });
      open.length = opener.left > 0 ? index + 1 : index;
    }
    if (run.opens && run.left > 0) open.push(run);
  }
  return { spans, open, openCode };
}
