import { expect, it } from "vitest";
import { mend } from "../../src/markdown/mend";

const cases: [string, string][] = [
  ["a **bold", "a **bold**"],
  ["a **bold ", "a **bold**"],
  ["a **bold*", "a **bold**"],
  ["a *soft **and bold", "a *soft **and bold***"],
  ["a **done** b", "a **done** b"],
  ["a `code", "a `code`"],
  ["a `code` b", "a `code` b"],
  ["a **b `c", "a **b `c`**"],
  ["~~gone", "~~gone~~"],
  ["a **", "a"],
  ["see [docs](http://exa", "see docs"],
  ["see ![alt](http://exa", "see alt"],
  ["see [docs](http://x.y) *z", "see [docs](http://x.y) *z*"],
  ["snake_case", "snake_case"],
  ["2 * 3", "2 * 3"],
  ["\\*no", "\\*no"],
  ["- item **b", "- item **b**"],
  ["**old\n\nnew", "**old\n\nnew"],
  ["Here:\n-", "Here:\n"],
  ["Here:\n- a\n2.", "Here:\n- a\n"],
  ["a\n==", "a\n"],
  ["a\n``", "a\n"],
  ["```py\n**x", "```py\n**x"],
  ["- a\n  ```py\n  x = `1", "- a\n  ```py\n  x = `1"],
];

for (const [text, mended] of cases) {
  it(JSON.stringify(text), () => expect(mend(text)).toBe(mended));
}
