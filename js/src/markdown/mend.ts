// Closes what the end of a text that is still being written leaves open, so that
// emphasis, code and links do not flash their marks before their ends have come.
import { emphasis, type Run } from "./emphasis";
import { tooMuch } from "./lexer";
import { blockFormula, closesFormula, formulaAt, MISSES } from "./math";
import { charBefore, inWord } from "./scripts";
import { cellCount, lastCell } from "./tables";

/** A last line that could still become several things is not shown yet. */
const UNDECIDED =
  /(^|\n)[ \t]*(?:[-+*_]{1,2}|=+|#{1,6}|\d{1,9}[.)]?|>|`{1,2}|~{1,2}|\\)[ \t]*$/;
/** The definition of a link, of whose address more may come. */
const DEFINITION =
  /(^|\n) {0,3}\[[^[\]\n]+\]:[ \t]*(?:<[^<>\n]*>?|[^\s<]\S*)?[ \t]*(?:["'(][^\n]*)?$/;
const TABLE_ROW = /^[ \t]*(?:\||[-:][-:| \t]*$)/;
const FENCE = /^[ \t]*(?:[-+*>]\s+|\d+[.)]\s+)?(?:`{3,}|~{3,})/gm;
const BLOCK_MARK = /^[ \t]*(?:(?:>|[-+*]|\d{1,9}[.)])[ \t]+)*(?:#{1,6}[ \t]+)?/;
const STARTS_BLOCK = /^[ \t]*(?:>|[-+*][ \t]|\d{1,9}[.)][ \t]|#{1,6}[ \t]|\|)/;
const STARTS_FORMULA =
  /^[ \t]*(?:(?:>|[-+*]|\d{1,9}[.)])[ \t]+)*(?=(\$\$|\\\[|\\begin\{))/gm;
/** No further back than this is looked for the beginning of the last paragraph. */
const REACH = 4000;
/** What is not closed within so many characters was not meant to be. */
const LONGEST_EMPHASIS = 300;
const LONGEST_CODE = 150;

/** Where the text of the last paragraph, list item or cell begins. */
function lastRun(text: string): number {
  let at = text.length;
  while (at > 0 && text.length - at < REACH) {
    const start = text.lastIndexOf("\n", at - 1) + 1;
    const line = text.slice(start, at);
    if (!line.trim() && at < text.length) return at;
    if (/^[ \t]*\|/.test(line)) return start + lastCell(line);
    if (STARTS_BLOCK.test(line))
      return start + (BLOCK_MARK.exec(line)?.[0].length ?? 0);
    if (start === 0) return 0;
    at = start - 1;
  }
  return at;
}

/** Where the last formula that is a block ends; a text within one has no marks. */
function lastFormulaEnd(text: string): number {
  let end = 0;
  let misses = 0;
  for (const { 0: marks, 1: opening, index } of text.matchAll(STARTS_FORMULA)) {
    const at = index + marks.length;
    const paragraph = Math.max(end, text.lastIndexOf("\n\n", index));
    if (at < end || closesFormula(text.slice(paragraph, index), opening ?? ""))
      continue;
    const formula = blockFormula(text.slice(at));
    if (formula) end = at + formula.end;
    else if (++misses > MISSES) break;
  }
  return end;
}

export function mend(text: string): string {
  if ((text.match(FENCE)?.length ?? 0) % 2) return text;
  const formula = lastFormulaEnd(text);
  if (!text.slice(formula).trim()) return text;
  const shown = withoutTableHead(text)
    .replace(DEFINITION, "$1")
    .replace(UNDECIDED, "$1");
  return mendInline(shown, Math.max(lastRun(shown), Math.min(formula, shown.length)));
}

/** The text without the first row of a table whose second has not come. */
function withoutTableHead(text: string): string {
  const ruler = /\n([ \t|:-]*)$/.exec(text)?.[1];
  const end = ruler === undefined ? text.length : text.length - ruler.length - 1;
  const start = text.lastIndexOf("\n", end - 1) + 1;
  const head = text.slice(start, end);
  const before = text.slice(text.lastIndexOf("\n", start - 2) + 1, start);
  if (!/^[ \t]*\|/.test(head) || TABLE_ROW.test(before)) return text;
  if (ruler?.includes("-") && cellCount(ruler) >= cellCount(head)) return text;
  return text.slice(0, start);
}

function mendInline(all: string, begin: number): string {
  const head = all.slice(0, begin);
  if (tooMuch(all.slice(begin))) return all;
  const text = withoutOpenLink(all.slice(begin));
  const { spans, open, openCode } = emphasis(text);
  const formula = openFormula(text);
  let end = formula < 0 ? text.length : formula;
  let code = "";
  if (openCode >= 0 && openCode < end) {
    code = /^`+/.exec(text.slice(openCode))?.[0] ?? "";
    const inside = text.slice(openCode + code.length);
    // Its end may have begun.
    if (inside.endsWith("`")) return mendInline(all.replace(/`+$/, ""), begin);
    if (!inside.trim()) return mendInline(head + text.slice(0, openCode), begin);
    if (inside.length > LONGEST_CODE || inside.includes("\n")) code = "";
    else end = openCode;
  }
  // Marks with nothing behind them yet.
  const marks =
    end < text.length ? undefined : /(?<!\\)(?:[*_]+|~{1,2})$/.exec(text)?.[0];
  if (marks && ![...spans.values()].some((span) => span.end === text.length)) {
    return mendInline(head + text.slice(0, -marks.length).trimEnd(), begin);
  }
  const ends = open
    .filter((run) => run.at < end && isAlive(run, open, text))
    .map(({ char, left }) => char.repeat(Math.min(left, 3)));
  if (!code && ends.length === 0) return head + text;
  return head + (code ? text + code : text.trimEnd()) + ends.toReversed().join("");
}

/** Whether an end of the emphasis is still to be expected. */
function isAlive(run: Run, open: Run[], text: string): boolean {
  const inside = text.slice(run.at + run.size);
  if (inside.length > LONGEST_EMPHASIS || inside.includes("\n")) return false;
  // `2**3 and` is a power, and not a word that is half bold.
  if (inWord(charBefore(text, run.at))) return false;
  // Of `**bold **text` neither mark will have an end.
  const same = open.filter(({ char, left }) => char === run.char && left === run.left);
  return same.length % 2 === 1 && same.at(-1) === run;
}

/** Where a formula begins whose end has not come, or -1. */
function openFormula(text: string): number {
  const start = /\\\\?[([]|\\begin\{|\$(?=[^\s\d])/g;
  for (let found = start.exec(text); found; found = start.exec(text)) {
    const end = formulaAt(text, found.index)?.end;
    if (end === undefined) {
      // A dollar far from the end is an amount of money.
      const [, rest = ""] = /^\$+([^\n]*)$/.exec(text.slice(found.index)) ?? [];
      if (found[0] !== "$" || /^\S*$|[\\^_{}=]/.test(rest)) return found.index;
    } else start.lastIndex = end;
  }
  return -1;
}

/** The text with its last link as words, while the link's address is being written. */
function withoutOpenLink(text: string): string {
  const brackets: number[] = [];
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === "\\") at++;
    else if (char === "`") {
      const ticks = /^`+/.exec(text.slice(at))?.[0] ?? char;
      const close = text.indexOf(ticks, at + ticks.length);
      if (close < 0) return text;
      at = close + ticks.length - 1;
    } else if (char === "[") brackets.push(at);
    else if (char === "]") {
      const bracket = brackets.pop();
      if (bracket === undefined || text.charAt(at + 1) !== "(") continue;
      const end = text.indexOf(")", at);
      if (end >= 0) {
        at = end;
        continue;
      }
      const words = text.slice(bracket + 1, at);
      if (text.charAt(bracket - 1) !== "!") return text.slice(0, bracket) + words;
      const image = text.slice(0, bracket - 1) + words;
      const outer = brackets.at(-1);
      return outer === undefined
        ? image
        : text.slice(0, outer) + image.slice(outer + 1);
    }
  }
  return text;
}
