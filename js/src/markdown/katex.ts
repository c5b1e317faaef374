// The formulas' own file: fetched with the first formula.
import katex from "katex";

/** Environments of LaTeX that KaTeX has not, as the ones that look most alike. */
const SIMILAR: Record<string, [begin: string, end: string]> = {
  multline: ["\\begin{gather*}", "\\end{gather*}"],
  eqnarray: ["\\begin{array}{rcl}", "\\end{array}"],
};

/** MathML of a formula. Throws where the source is not one. */
export const toMathML = (tex: string, display: boolean): string =>
  katex.renderToString(
    tex.replace(
      /\\(begin|end)\{(multline|eqnarray)\*?\}/g,
      (_, side: string, name: string) =>
        SIMILAR[name]?.[side === "begin" ? 0 : 1] ?? "",
    ),
    {
      output: "mathml",
      displayMode: display,
      throwOnError: true,
      strict: "ignore",
      trust: false,
      maxExpand: 200,
      maxSize: 20,
    },
  );
