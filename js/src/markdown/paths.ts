// Windows paths, whose backslashes Markdown would drop: `C:\.ssh`, `\\server\share`.

// A drive or a computer's name, and the folders so far.
const PATH =
  /(?:^|[^\p{L}\p{N}_\\])(?:[A-Za-z]:|\\\\[\p{L}\p{N}_.-]+)(?:\\[^\s\\/:*?"<>|`]+)*$/u;
const COMPUTER = /\\\\(?=[\p{L}\p{N}_.-]+\\[\p{L}\p{N}_])/uy;
// What a part of a path may begin with that Markdown would take for escaped.
const PART = /\\[._\-({[#~$!&+@%'^](?=[\p{L}\p{N}_.({[#~$-])/uy;
/** Characters. Windows allows 260. */
const LONGEST = 260;

/** Where backslashes of a path that begin at `at` end, with what they escape, or -1. */
export function pathPartEnd(text: string, at: number): number {
  if (text.charAt(at) !== "\\") return -1;
  const before = text.slice(Math.max(0, at - LONGEST), at);
  COMPUTER.lastIndex = at;
  if (COMPUTER.test(text) && !/[\p{L}\p{N}_\\]$/u.test(before)) return at + 2;
  PART.lastIndex = at;
  return PART.test(text) && PATH.test(before) ? at + 2 : -1;
}
