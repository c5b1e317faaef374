// The formulas' own file: fetched with the first formula.
import katex from "katex";
// Chemistry, which MathJax has too: `\ce{H2O}`.
import "katex/contrib/mhchem";

/** Environments of LaTeX that KaTeX has not, as the ones that look most alike. */
const SIMILAR: Record<string, [begin: string, end: string]> = {
  multline: ["\\begin{gather*}", "\\end{gather*}"],
  eqnarray: ["\\begin{array}{rcl}", "\\end{array}"],
  flalign: ["\\begin{align*}", "\\end{align*}"],
};

/** MathML of a formula. Throws where the source is not one. */
export const toMathML = (tex: string, display: boolean): string =>
  katex.renderToString(
    tex.replace(
      /\\(begin|end)\{(multline|eqnarray|flalign)\*?\}/g,
      (_, side: string, name: string) =>
        SIMILAR[name]?.[side === "begin" ? 0 : 1] ?? "",
    ),
    {
      output: "mathml",
      displayMode: display,
      throwOnError: true,
      strict: "ignore",
      trust: false,
      macros: { "\\mbox": "\\text" },
      maxExpand: 200,
      maxSize: 20,
    },
  );
