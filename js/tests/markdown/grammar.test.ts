import { describe, expect, it } from "vitest";
import { grammar } from "../../src/markdown/grammar";
import { language } from "../../src/markdown/html";

const rules = grammar();
const html = (text: string) => rules.html(rules.lex(text, {}, false)).trim();

describe("formulas", () => {
  const formulas = (text: string) =>
    [...html(text).matchAll(/pl-tex" data-display="(\w+)">(.*?)<\/code>/gs)].map(
      ([, display, tex]) => `${display === "true" ? "D" : "I"}:${tex}`,
    );

  for (const prose of [
    "It costs $5 and $10.",
    "From $5 to US$",
    "$5-$10, or $5/$6",
    "a $ 5 and $ 6",
    "$1,000 and $2,000",
    "$5k is what they pay in US$",
    "`$x$`",
    "\\$x\\$",
    "pay$x$",
  ]) {
    it(`has none in ${prose}`, () => expect(formulas(prose)).toEqual([]));
  }

  for (const [text, expected] of Object.entries({
    $x$: "I:x",
    "a $ b $ c": "I:b",
    "so $a_1 + b_2$.": "I:a_1 + b_2",
    $5x$: "I:5x",
    "\\(a*b*c\\)": "I:a*b*c",
    "in $$x^2$$ line": "D:x^2",
    "\\[ x \\]": "D:x",
    "$$\nx\n- y\n$$": "D:x\n- y",
    "- item\n  $$z$$": "D:z",
  })) {
    it(`is in ${JSON.stringify(text)}`, () =>
      expect(formulas(text)).toEqual([expected]));
  }
});

describe("what is hostile", () => {
  it("is shown as text when it is HTML", () => {
    expect(html("<script>alert(1)</script>")).toBe(
      "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>",
    );
    expect(html("a <b onclick=x>b</b>")).toContain("&lt;b onclick=x&gt;");
    expect(html("a<br>b<br/>c")).toBe("<p>a<br>b<br>c</p>");
  });

  for (const href of [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java&#10;script:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "file:///etc/passwd",
    "//evil.example",
    "/lab/api/kernels",
    "#id",
  ]) {
    it(`is no link to ${href}`, () => expect(html(`[x](${href})`)).not.toContain("<a"));
  }

  it("loads no image but one that is in the text", () => {
    expect(html("![a](https://evil.example/p.png?q=secret)")).toBe(
      '<p><a href="https://evil.example/p.png?q=secret">image: a</a></p>',
    );
    expect(html("![a](data:image/svg+xml;base64,AAAA)")).not.toContain("<img");
    expect(html("![a](data:image/png;base64,AAAA)")).toContain("<img");
  });

  for (const [name, text] of Object.entries({
    quotes: ">".repeat(100_000),
    "spaced quotes": "> ".repeat(100_000),
    lists: "- ".repeat(50_000),
    brackets: "[".repeat(100_000),
    images: "![".repeat(50_000),
    stars: "*a ".repeat(50_000),
    underscores: "_a_ ".repeat(50_000),
    ticks: Array.from({ length: 500 }, (_, n) => "`".repeat(n)).join(" "),
    angles: "<".repeat(100_000),
    pipes: `${"|".repeat(20_000)}\n${"|-".repeat(20_000)}`,
    indents: Array.from({ length: 700 }, (_, n) => `${"  ".repeat(n)}- a`).join("\n"),
    dollars: "$a ".repeat(50_000),
    links: "[a](b".repeat(30_000),
    autolinks: "http://a.".repeat(30_000),
    entities: "&".repeat(100_000),
    emails: "a@".repeat(50_000),
    spaces: `a${" ".repeat(100_000)}b`,
    newlines: "\n".repeat(100_000),
    backslashes: "\\".repeat(100_000),
    "open formulas": "\\[ a\n".repeat(50_000),
    "open blocks": "$$\n\na\n\n".repeat(20_000),
    "open environments": "\\begin{a}\n".repeat(30_000),
    "inline environments": "a \\begin{a} ".repeat(30_000),
    "full-width marks": "**\uff1a".repeat(50_000),
    tildes: "~~a ".repeat(50_000),
    paths: "C:\\.".repeat(50_000),
    computers: "\\\\a.".repeat(50_000),
    addresses: "https://a.b/((".repeat(20_000),
    "addresses' ends": `https://a.b/${")".repeat(50_000)}`,
    references: "&lt;".repeat(50_000),
    rows: `|a|\n|-|\n${"|`|$|".repeat(500)}\n`.repeat(200),
    "fences of Markdown": "```md\n```a\n".repeat(20_000),
  })) {
    it(`is bounded: ${name}`, { timeout: 5000 }, () => {
      expect(html(text)).toBeTypeOf("string");
    });
  }
});

it("takes the language from a fence's info string", () => {
  expect(
    ["python", "{r}", "{.python .x}", "js title=a", "", "c++", undefined].map(language),
  ).toEqual(["python", "r", "python", "js", "", "c++", ""]);
});
