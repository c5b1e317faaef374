// The source of a formula as KaTeX and MathJax read alike. The rules are those of
// parllama_nb/markdown/tex_source.py, so that a settled answer has the same.

const COMMENT = /(?<!\\)%[^\n]*/g;
/** A percent sign behind a digit is one: nobody comments on half a number. */
const PERCENT = /(?<=\d)%/g;
const LABEL = /\\label\s*\{[^{}]*\}/g;
const REFERENCE = /\\(eq)?ref\s*\{([^{}]*)\}/g;
/** Text within a formula, with braces one deep. */
const TEXT =
  /(\\(?:text(?:rm|bf|it|tt|sf|normal|up|md)?|mbox)\s*\{)((?:[^{}\\]|\\[\s\S]|\{(?:[^{}\\]|\\[\s\S])*\})*)\}/g;
const TEXT_SIGN = /(?<!\\)[_#&]/g;
const DOLLAR = /(?<!\\)\$/;
const SCRIPT = /(?<!\\)[_^]$/;
const BRACE = /\\[{}$]|[{}]/g;
const ENVIRONMENT = /\\(begin|end)\s*\{([^{}]*)\}/gi;

/** Whether all braces and environments close: an open one swallows what follows. */
function balanced(tex: string): boolean {
  let depth = 0;
  for (const [brace] of tex.matchAll(BRACE)) {
    if (brace === "{") depth++;
    else if (brace === "}" && --depth < 0) return false;
  }
  const open: (string | undefined)[] = [];
  for (const [, kind, name] of tex.matchAll(ENVIRONMENT)) {
    if (kind?.toLowerCase() === "begin") open.push(name);
    else if (open.length === 0 || open.pop() !== name) return false;
  }
  return depth === 0 && open.length === 0;
}

/** A text within a formula, with its own formulas behind and before it. */
function plainText(whole: string, opening: string, text: string): string {
  const parts = text.split(DOLLAR);
  if (parts.length % 2 === 0) return whole;
  return parts
    .map((part, index) => {
      if (index % 2) return part;
      const plain = part.replace(TEXT_SIGN, "\\$&");
      return plain || parts.length === 1 ? `${opening}${plain}}` : "";
    })
    .join("");
}

/** The source of a formula to be set, or undefined if it is that of none. */
export function cleanTex(source: string): string | undefined {
  const tex = source
    .replace(PERCENT, "\\%")
    .replace(COMMENT, "")
    .replace(LABEL, "")
    .replace(REFERENCE, (_, eq: string | undefined, name: string) =>
      eq ? `\\text{(${name})}` : `\\text{${name}}`,
    )
    .replace(TEXT, plainText)
    .trim();
  if (!tex || tex.endsWith("\\") || SCRIPT.test(tex)) return undefined;
  return balanced(tex) && !DOLLAR.test(tex) ? tex : undefined;
}
