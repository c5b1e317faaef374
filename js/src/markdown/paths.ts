// Windows paths, whose backslashes Markdown would drop: `C:\.ssh`, `\\server\share`.

// A drive, a computer, a key of the registry, this folder, the user's or a variable's,
// and the folders so far.
const PATH =
  /(?:^|[^\p{L}\p{N}_\\])(?:[A-Za-z]:|\\\\(?:[\p{L}\p{N}_.-]+\$?|[?.])|HK[\p{L}\p{N}_]+:?|\.{1,2}|~|%[\p{L}\p{N}_]+%|\$env:[\p{L}\p{N}_]+)(?:\\[^\s\\/:?"<>|`]+)*$/u;
// With the name of a hidden share, whose dollar begins no formula.
const COMPUTER =
  /\\\\(?:[\p{L}\p{N}_.-]+\$?(?:\\[\p{L}\p{N}_.-]+\$)?|[?.])(?=\\[\p{L}\p{N}_])/uy;
// What a part of a path may begin with that Markdown would take for escaped.
const PART = /\\[._\-({[#~$!&+@%'^](?=[\p{L}\p{N}_.({[#~$-])/uy;
// Asterisks for any file or folder, unless they end what others have begun.
const ANY = /\\(\*\*?)(?=[.\\\p{L}\p{N}_\s]|$)/uy;
// What may follow a path that ends with a backslash.
const END = /\\(?=\*|[_.,;:!?)\]}"'](?![\p{L}\p{N}_]))/uy;
/** Characters. Windows allows 260. */
const LONGEST = 260;

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}

/** Where the backslash at `at` ends, with what it would escape in a path, or -1. */
export function pathPartEnd(text: string, at: number): number {
  if (text.charAt(at) !== "\\") return -1;
  const before = text.slice(Math.max(0, at - LONGEST), at);
  const computer = match(COMPUTER, text, at);
  if (computer && !/[\p{L}\p{N}_\\]$/u.test(before)) return at + computer[0].length;
  const files = match(ANY, text, at);
  const ends = files && (before.split(files[1] ?? "").length - 1) % 2 === 1;
  const part = (!ends && files) || match(PART, text, at) || match(END, text, at);
  return part && PATH.test(before) ? at + part[0].length : -1;
}
