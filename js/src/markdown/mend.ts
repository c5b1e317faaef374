// Closes what the end of a text that is still being written leaves open, so that
// emphasis, code and links do not flash their marks before their ends have come.

/** A last line that could still become several things is not shown yet. */
const UNDECIDED =
  /(^|\n)[ \t]*(?:[-+*_]{1,2}|=+|#{1,6}|\d{1,9}[.)]?|>|`{1,2}|~{1,2}|\\)[ \t]*$/;
const FENCE = /^[ \t]*(?:[-+*>]\s+|\d+[.)]\s+)?(?:`{3,}|~{3,})/gm;
const BLOCK_MARK = /^[ \t]*(?:(?:>|[-+*]|\d{1,9}[.)])[ \t]+)*(?:#{1,6}[ \t]+)?/;
const STARTS_BLOCK = /^[ \t]*(?:>|[-+*][ \t]|\d{1,9}[.)][ \t]|#{1,6}[ \t]|\|)/;
const WORD = /[\p{L}\p{N}]/u;
/** No further back than this is looked for the beginning of the last paragraph. */
const REACH = 4000;

interface Mark {
  char: string;
  size: number;
  at: number;
}

/** Where the text of the last paragraph, list item or row begins. */
function lastRun(text: string): number {
  let at = text.length;
  while (at > 0 && text.length - at < REACH) {
    const start = text.lastIndexOf("\n", at - 1) + 1;
    const line = text.slice(start, at);
    if (!line.trim() && at < text.length) return at;
    if (STARTS_BLOCK.test(line))
      return start + (BLOCK_MARK.exec(line)?.[0].length ?? 0);
    if (start === 0) return 0;
    at = start - 1;
  }
  return at;
}

export function mend(text: string): string {
  if ((text.match(FENCE)?.length ?? 0) % 2) return text;
  const shown = text.replace(UNDECIDED, "$1");
  if (shown !== text) return mendInline(shown);
  return mendInline(text);
}

function mendInline(text: string): string {
  const begin = lastRun(text);
  const marks: Mark[] = [];
  let bracket = -1;
  let code = "";
  let at = begin;
  while (at < text.length && !code) {
    const char = text.charAt(at);
    if (char === "\\") at += 2;
    else if (char === "`") {
      const run = /^`+/.exec(text.slice(at))?.[0] ?? char;
      const rest = text.slice(at + run.length);
      const end = new RegExp(`(?<!\`)${run}(?!\`)`).exec(rest);
      if (end) at += run.length + end.index + run.length;
      else if (rest.trim()) code = run;
      else return text.slice(0, at) + closing(marks);
    } else if (char === "[") {
      bracket = at++;
    } else if (char === "]" && text.charAt(at + 1) === "(" && bracket >= 0) {
      const end = text.indexOf(")", at);
      if (end < 0) {
        // The address of a link is not shown while it is written.
        const from = text.charAt(bracket - 1) === "!" ? bracket - 1 : bracket;
        return text.slice(0, from) + text.slice(bracket + 1, at) + closing(marks);
      }
      at = end + 1;
      bracket = -1;
    } else if (char === "*" || char === "_" || char === "~") {
      let size = 1;
      while (text.charAt(at + size) === char) size++;
      const before = at > begin ? text.charAt(at - 1) : " ";
      const after = text.charAt(at + size);
      const inWord = char === "_" && WORD.test(before) && WORD.test(after);
      if (!inWord && (char !== "~" || size === 2)) {
        let left = size;
        while (left > 0 && before.trim() && marks.at(-1)?.char === char) {
          const top = marks.at(-1) as Mark;
          const used = Math.min(left, top.size);
          top.size -= used;
          left -= used;
          if (top.size === 0) marks.pop();
        }
        if (left > 0 && !after) {
          // Marks with nothing behind them yet.
          return text.slice(0, at + size - left).trimEnd() + closing(marks);
        }
        if (left > 0 && after.trim()) marks.push({ char, size: left, at });
      }
      at += size;
    } else at++;
  }
  if (!code && marks.length === 0) return text;
  const body = text.trimEnd();
  return body + code + closing(marks);
}

const closing = (marks: Mark[]) =>
  marks
    .toReversed()
    .map(({ char, size }) => char.repeat(Math.min(size, 3)))
    .join("");
