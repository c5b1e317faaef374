import { describe, expect, it } from "vitest";
import { grammar } from "../../src/markdown/grammar";

const rules = grammar();
const html = (text: string) => rules.html(rules.lex(text, {}, false)).trim();
const inside = (text: string) => html(text).replace(/^<p>|<\/p>$/g, "");

const shows = (cases: Record<string, string>) => {
  for (const [text, expected] of Object.entries(cases)) {
    it(JSON.stringify(text), () => expect(inside(text)).toBe(expected));
  }
};

const link = (url: string, text = url) => `<a href="${url}">${text}</a>`;

describe("emphasis is found beside full-width signs", () =>
  shows({
    "**重点：**后面": "<strong>重点：</strong>后面",
    "有**「引号」**和": "有<strong>「引号」</strong>和",
    "*（甲）*乙~~丙。~~丁": "<em>（甲）</em>乙<del>丙。</del>丁",
    "***重！***后": "<em><strong>重！</strong></em>后",
    "**甲*乙。*丙。**丁": "<strong>甲<em>乙。</em>丙。</strong>丁",
    "이것은 **중요(매우)**합니다": "이것은 <strong>중요(매우)</strong>합니다",
    "**สำคัญ:**ต่อ": "<strong>สำคัญ:</strong>ต่อ",
    "**A:**b": "**A:**b",
    变量_名_称: "变量_名_称",
    "**𠀀（x）**𠀁": "<strong>𠀀（x）</strong>𠀁",
  }));

describe("emphasis pairs as CommonMark says", () =>
  shows({
    "*a**b*": "<em>a**b</em>",
    "**a*b**c*": "<strong>a*b</strong>c*",
    "***a** b*": "<em><strong>a</strong> b</em>",
    "***a* b**": "<strong><em>a</em> b</strong>",
    "****a****": "<strong><strong>a</strong></strong>",
    "**a": "**a",
    "*a `*` b*": "<em>a <code>*</code> b</em>",
    "*a [*](http://b.c) d*": `<em>a ${link("http://b.c", "*")} d</em>`,
    "a ~b~ ~~c~~ ~~~d~~~": "a ~b~ <del>c</del> ~~~d~~~",
    "\\*a* \\**b*": "*a* *<em>b</em>",
  }));

describe("an address ends where the text goes on", () =>
  shows({
    "见https://a.b/c。然后": `见${link("https://a.b/c")}。然后`,
    "（https://a.b/c）": `（${link("https://a.b/c")}）`,
    "**https://a.b/c**": `<strong>${link("https://a.b/c")}</strong>`,
    "(https://a.b/c_(d)).": `(${link("https://a.b/c_(d)")}).`,
    "www.a.b/c, d": `${link("http://www.a.b/c", "www.a.b/c")}, d`,
    "xhttps://a.b": "xhttps://a.b",
    "https://": "https://",
    "[https://a.b](https://c.d)": link("https://c.d", "https://a.b"),
    "[a](<https://b.c/d e>)": link("https://b.c/d%20e", "a"),
    "[![a](https://b.c/d.png)](https://e.f)": link("https://e.f", "[image: a]"),
  }));

describe("paths keep their backslashes", () =>
  shows({
    "C:\\Users\\me\\.ssh\\a": "C:\\Users\\me\\.ssh\\a",
    "\\\\server\\share\\$x": "\\\\server\\share\\$x",
    "D:\\_a_\\b": "D:\\_a_\\b",
    "\\_a\\_": "_a_",
  }));

describe("references are read, and nothing else", () =>
  shows({
    "&lt;b&gt; &copy; &#65; AT&T": "&lt;b&gt; &copy; &#65; AT&amp;T",
    "&nope; &notit; &amp;lt;": "&amp;nope; &amp;notit; &amp;lt;",
    "`&lt;`": "<code>&amp;lt;</code>",
  }));

describe("a block runs in the direction of its first letter", () => {
  for (const [text, expected] of Object.entries({
    "مرحبا a": '<p dir="auto">مرحبا a</p>',
    "a مرحبا": "<p>a مرحبا</p>",
    "# שלום": '<h1 dir="auto">שלום</h1>',
    "`a` שלום": '<p dir="auto"><code dir="ltr">a</code> שלום</p>',
    "&amp; שלום": '<p dir="auto">&amp; שלום</p>',
    "- a\n- שלום": '<ul>\n<li>a</li>\n<li><span dir="auto">שלום</span></li>\n</ul>',
  })) {
    it(JSON.stringify(text), () => expect(html(text)).toBe(expected));
  }
});

describe("pipes in code and formulas divide no cells", () => {
  const cells = (row: string) =>
    [...html(`| a | b |\n|---|---|\n${row}`).matchAll(/<td>(.*?)<\/td>/g)].map(
      ([, cell]) => (cell ?? "").replace(/<[^>]*>/g, ""),
    );

  for (const [row, expected] of Object.entries({
    "| `a|b` | c |": ["a|b", "c"],
    "| $|x|$ | $P(A|B)$ |": ["|x|", "P(A|B)"],
    "| a | b | c |": ["a", "b"],
    "| `a | b` |": ["`a", "b`"],
    "| a \\| b | `c\\|d` |": ["a | b", "c|d"],
  })) {
    it(row, () => expect(cells(row)).toEqual(expected));
  }
});
