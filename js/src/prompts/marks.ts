// Variables in the text of a prompt: the pattern is that of `prompting/fill.py`.

const NAME = "[\\p{L}\\p{Nl}_][\\p{L}\\p{N}\\p{M}_]{0,99}";
const STRING = `"(?:[^"\\\\\\n]|\\\\.){0,200}"|'(?:[^'\\\\\\n]|\\\\.){0,200}'`;
const STEPS = `(?:\\.${NAME}|\\[(?:-?\\d{1,18}|${STRING})\\]){0,20}`;
const PLACEHOLDER = new RegExp(
  `(?<!\\{)\\{\\{[ \\t]{0,9}(${NAME})${STEPS}[ \\t]{0,9}\\}\\}(?!\\})`,
  "gu",
);

/** A piece of a text; `name` is that of a variable, "" for anything else. */
export interface Piece {
  text: string;
  name: string;
}

/** The pieces of a text: the placeholders of these variables, and what is between. */
export function marked(text: string, variables: ReadonlySet<string>): Piece[] {
  const found: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(PLACEHOLDER)) {
    const name = match[1] as string;
    if (!variables.has(name)) continue;
    if (match.index > from)
      found.push({ text: text.slice(from, match.index), name: "" });
    found.push({ text: match[0], name });
    from = match.index + match[0].length;
  }
  if (from < text.length) found.push({ text: text.slice(from), name: "" });
  return found;
}

/** The names that the placeholders of a text begin with, each once. */
export const namesIn = (text: string): string[] => [
  ...new Set(Array.from(text.matchAll(PLACEHOLDER), (match) => match[1] as string)),
];
