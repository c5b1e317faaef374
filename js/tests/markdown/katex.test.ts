import { expect, it } from "vitest";
import { toMathML } from "../../src/markdown/katex";

for (const name of [
  "align",
  "equation",
  "gather",
  "multline",
  "multline*",
  "eqnarray",
]) {
  it(`sets what stands in ${name}`, () => {
    const tex = `\\begin{${name}}\na = b\n\\end{${name}}`;
    expect(toMathML(tex, true)).toContain("<math");
  });
}
