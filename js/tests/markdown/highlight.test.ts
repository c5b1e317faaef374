import { expect, it } from "vitest";
import { highlight } from "../../src/markdown/highlight";

const KEYWORD = /<span class="hljs-keyword">(\w+)<\/span>/;

it.each([
  ["python", "def f(): pass", "def"],
  ["ipython3", "def f(): pass", "def"],
  ["py", "def f(): pass", "def"],
  ["javascript", "const a = 1", "const"],
  ["ts", "const a: number = 1", "const"],
  ["java", "return x;", "return"],
  ["c", "return x;", "return"],
  ["sql", "SELECT 1", "SELECT"],
  ["r", "if (x) y", "if"],
  ["julia", "return x", "return"],
  ["go", "return x", "return"],
  ["bash", "if true; then x; fi", "if"],
])("colours %s", (language, code, word) => {
  expect(KEYWORD.exec(highlight(code, language) ?? "")?.[1]).toBe(word);
});

it.each(["json", "jsonl", "yaml", "ini", "xml", "html", "diff", "dockerfile", "md"])(
  "knows %s",
  (language) => {
    expect(highlight("a", language)).not.toBeNull();
  },
);

it.each(["text", "mermaid", "constructor", "__proto__", ""])(
  "leaves %j in one colour",
  (language) => {
    expect(highlight("def f(): pass", language)).toBeNull();
  },
);

it("leaves very long code in one colour", () => {
  expect(highlight("x = 1\n".repeat(20_000), "python")).toBeNull();
});

it("keeps the text as it is, escaped", () => {
  const code = 'a = "<b>&amp;</b>"  # <i>\n';
  const box = document.createElement("div");
  box.innerHTML = highlight(code, "python") ?? "";
  expect(box.textContent).toBe(code);
  expect(box.querySelector("b, i")).toBeNull();
});
