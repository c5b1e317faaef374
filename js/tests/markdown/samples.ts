import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const FOLDER = join(import.meta.dirname, "../../../tests/markdown/samples");

/** What models write, each in a file that says what it holds. */
export const WRITTEN: Record<string, string> = Object.fromEntries(
  readdirSync(FOLDER).map((name) => [
    name.replace(".md", ""),
    readFileSync(join(FOLDER, name), "utf8"),
  ]),
);

/** Texts in which the meaning of a line depends on what comes after it. */
export const SAMPLES: Record<string, string> = {
  prose:
    "# Title\n\nHello **bold** and *soft* with `code`.\nSecond line.\n\n## Two\n\nEnd.\n",
  setext: "Heading\n===\n\nOther\n---\n\ntext\n\n---\n\nafter",
  tightList: "Here:\n- one\n- two **b**\n- three\n\nDone.",
  looseList: "- one\n\n- two\n\n  more of two\n\n- three\n",
  lateLoose: "- one\n- two\n- three\n\n- four\n- five\n\nend",
  retracted: "- a\n- b\n- c\n\n--\n\nend",
  ordered: "1. a\n\n2. b\n3. c\n   - nested\n   - more\n\n     para\n4. d\n",
  orderedFrom: "7. a\n8. b\n9) c\n10) d\n\n0. zero\n1. one",
  tasks: "- [ ] todo\n- [x] done\n- plain\n\n- [ ] loose\n",
  twoBullets: "- a\n- b\n* c\n* d\n+ e\n",
  fence: "Text\n```python\ndef f(x):\n    return x\n\n```\nafter\n",
  openFence: "```js\nlet a = 1;\n\n\nlet b",
  emptyFence: "```\n```\n\n~~~~ r\n``` \n~~~\n~~~~\nx",
  fenceInList:
    "1. step\n\n   ```sh\n   ls -l\n\n   pwd\n   ```\n2. next\n```\nno list\n```",
  fourTicks: "````md\n```py\nx\n```\n````\nend",
  indented: "para\n    lazy\n\n    code\n\n    more\n\nend",
  quote: "> a\n> b\nlazy\n\n> c\n> - l\n>   m\n\nend",
  table: "before\n| a | b |\n|---|:-:|\n| 1 | `x` |\n| 2 | **y** |\n\nafter | pipe\n",
  noTable: "before\n| a | b |\n|---|---|x\n\nafter",
  links:
    "[a][one] and [two] and [three](http://x.y/z 'T').\n\n- [one]\n\n[one]: http://one.example\n[TWO]: <http://two.example> \"t\"\n\n[one]: http://ignored.example\n\nlast [two]",
  html: "a <b>b</b>\n<div>\n*x*\n</div>\n\n<!-- c\n\nd -->\n\n<script>alert(1)</script>\n\n<p>\n- a",
  math: "Euler $e^{i\\pi}+1=0$ costs $5 and $10.\n\n$$\n\\int_0^1 x\\,dx\n- b\n$$\n\nthen \\(a_b\\) and\n\\[\nx = \\frac{1}{2}\n\\]\nend $$y$$ here",
  openMath: "text\n$$ never closed\n- a\n\nnext",
  breaks: "a  \nb\\\nc<br>d\n\n***\n* * *\n",
  emphasis: "**bold\nmore** _u_ snake_case_name *a **b** c* ~~gone~~ 2*3*4 ** x",
  escapes: "\\*not\\* &amp; &lt;b&gt; `a``b` ``c`d`` \\",
  crlf: "a\r\n\r\n- b\r\n- c\r\n\r\n```\r\nx\r\n```\r\n",
  images: "![alt](http://evil.example/x.png) ![d](data:image/png;base64,AAAA)",
  blanks: "\n\n\n  \na\n   \n\n\t\nb\n \n",
  nested: "- a\n  - b\n    - c\n      - d\n\n        e\n- f\n",
  starList:
    "* **One:** text\n* **Two:** more\n    * sub\n* **Three**\n\n1. x\n   y\nz\n",
};
