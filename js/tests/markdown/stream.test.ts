import { describe, expect, it } from "vitest";
import type { Block } from "../../src/markdown/blocks";
import { grammar } from "../../src/markdown/grammar";
import { codeHtml } from "../../src/markdown/html";
import { MarkdownStream } from "../../src/markdown/stream";
import { SAMPLES, WRITTEN } from "./samples";

const html = (blocks: Block[]) =>
  blocks
    .map((block) => {
      if (block.kind === "html") return block.html.trim();
      if (block.kind === "code") return codeHtml(block.text, block.info);
      const tag = block.ordered ? "ol" : "ul";
      const start = block.ordered && block.start !== 1 ? ` start="${block.start}"` : "";
      const dir = block.direction === "rtl" ? ' dir="auto"' : "";
      return `<${tag}${dir}${start}>\n${block.items.join("")}</${tag}>`;
    })
    .join("\n");

const rendered = (parts: string[]) => {
  const stream = new MarkdownStream();
  for (const part of parts) {
    stream.append(part);
    stream.advance();
  }
  stream.advance(true);
  expect(stream.live).toEqual([]);
  return html(stream.blocks);
};

const atOnce = (text: string) => {
  const rules = grammar();
  const clean = text.replace(/\r\n?/g, "\n");
  const tokens = rules.lex(clean, {}, false);
  return tokens
    .map((token) => rules.html([token]).trim())
    .filter(Boolean)
    .join("\n");
};

/** The same numbers in each run, so that a failure can be seen again. */
const random = (seed: number) => () => {
  seed = (seed * 1103515245 + 12345) & 0x7fffffff;
  return seed / 0x7fffffff;
};

const split = (text: string, next: () => number, size: number) => {
  const parts: string[] = [];
  for (let at = 0; at < text.length; ) {
    const end = at + 1 + Math.floor(next() * size);
    parts.push(text.slice(at, end));
    at = end;
  }
  return parts;
};

describe("incremental is the same as one-shot", () => {
  for (const [name, text] of Object.entries({ ...SAMPLES, ...WRITTEN })) {
    it(name, () => {
      const expected = atOnce(text);
      expect(rendered([text])).toBe(expected);
      expect(rendered([...text])).toBe(expected);
      const next = random(7);
      for (let run = 0; run < (name in SAMPLES ? 25 : 5); run++) {
        const parts = split(text, next, 1 + run);
        expect(rendered(parts), JSON.stringify(parts)).toBe(expected);
      }
    });
  }

  it("over random texts made of all samples' lines", () => {
    const next = random(20260101);
    const lines = Object.values(SAMPLES).flatMap((text) => text.split("\n"));
    for (let run = 0; run < 1000; run++) {
      const text = Array.from(
        { length: 3 + Math.floor(next() * 12) },
        () => lines[Math.floor(next() * lines.length)],
      ).join("\n");
      const parts = split(text, next, 12);
      expect(rendered(parts), JSON.stringify(text)).toBe(atOnce(text));
    }
  });
});

/** The text that a reader sees of HTML. */
const seen = (markup: string) => {
  const box = document.createElement("div");
  box.innerHTML = markup;
  return box.textContent ?? "";
};

describe("while it streams, nothing is seen that was not written:", () => {
  for (const [name, text] of Object.entries(WRITTEN)) {
    it(name, () => {
      const stream = new MarkdownStream();
      let written = "";
      for (const char of text) {
        written += char;
        stream.append(char);
        stream.advance();
        const shown = seen(html([...stream.blocks, ...stream.live]));
        const source = `${seen(written)}${written}`.replaceAll(/\s/g, "");
        // Each mark as often as in the text at most; an image has words of its own.
        for (const mark of "*_~`$") {
          const count = (all: string) => all.split(mark).length;
          expect(count(shown), shown).toBeLessThanOrEqual(count(written));
        }
        const words = shown.replaceAll(/\s|image: ?/g, "");
        // Of `&notin;` the beginning already means a sign.
        const meant = name.startsWith("entities") || isWithin(words, source);
        expect(meant, shown).toBe(true);
      }
    });
  }
});

describe("what never ends stays cheap", () => {
  for (const [name, unit] of Object.entries({
    formula: "\\[ a + b\n",
    "formula of paragraphs": "$$\n\nwords of a paragraph\n\n",
    environment: "\\begin{align}\na &= b\n",
    "fence of Markdown": "```md\n```py\nx = 1\n",
    table: "| a `|` | $|b|$ |\n|---|---|\n",
    marks: "**\uff1a*a~~ \\(x ",
  })) {
    it(name, { timeout: 10_000 }, () => {
      const text = unit.repeat(Math.ceil(20_000 / unit.length));
      const stream = new MarkdownStream();
      for (let at = 0; at < text.length; at += 400) {
        stream.append(text.slice(at, at + 400));
        stream.advance();
      }
      stream.advance(true);
      expect(stream.blocks.length).toBeGreaterThan(0);
    });
  }
});

/** Whether all characters of `part` are in `whole`, in their order. */
function isWithin(part: string, whole: string): boolean {
  let at = 0;
  for (const char of part) {
    at = whole.indexOf(char, at) + 1;
    if (at === 0) return false;
  }
  return true;
}
