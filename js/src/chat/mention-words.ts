// Mentions of the notebook in a message: the pattern is that of `prompting/mentions.py`.

const NAME = "[\\p{L}\\p{Nl}_][\\p{L}\\p{N}\\p{M}_]{0,99}";
// The last step may be unfinished: `df.`, `df["unit pr`.
const STEP = `\\.[\\p{L}\\p{N}\\p{M}_]{0,99}|\\[(?:"[^"\\n]{0,200}"?|'[^'\\n]{0,200}'?|-?\\d{0,18})\\]?`;
const TYPED = new RegExp(
  `(?<![\\p{L}\\p{N}_@\\\\/.+-])@((?:${NAME}(?:${STEP}){0,20})?)$`,
  "u",
);
const SOME = new RegExp(`(?<![\\p{L}\\p{N}_@\\\\/.+-])@${NAME}`, "u");

/** Characters before the caret that are looked at. */
const LOOK = 400;

/** A mention that is being typed: where its `@` is, and what follows it. */
export interface Typed {
  at: number;
  typed: string;
}

/** The mention that ends at the caret; null if there is none. */
export function mentionAt(text: string, caret: number): Typed | null {
  const before = text.slice(Math.max(0, caret - LOOK), caret);
  const match = TYPED.exec(before);
  if (!match || isCode(text.slice(0, caret))) return null;
  const typed = match[1] ?? "";
  return { at: caret - typed.length - 1, typed };
}

/** Whether a text may mention something: the kernel knows. */
export const mayMention = (text: string) => SOME.test(text);

/** Whether a text ends within a fence or a span of code. */
function isCode(text: string): boolean {
  const fences = text.match(/^[ \t]{0,9}(?:`{3,}|~{3,})/gm)?.length ?? 0;
  if (fences % 2) return true;
  const line = text.slice(text.lastIndexOf("\n") + 1);
  return (line.match(/`+/g)?.length ?? 0) % 2 === 1;
}
