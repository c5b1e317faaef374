// The formulas' own file: fetched with the first formula.
import katex from "katex";

/** MathML of a formula. Throws where the source is not one. */
export const toMathML = (tex: string, display: boolean): string =>
  katex.renderToString(tex, {
    output: "mathml",
    displayMode: display,
    throwOnError: true,
    strict: "ignore",
    trust: false,
    maxExpand: 200,
    maxSize: 20,
  });
