// Prompts that are named by `/` at the beginning of a message.
import type { PromptChoice } from "../protocol";
import { score } from "../ui/fuzzy";

/** Prompts that the list shows, at most. */
export const SHOWN = 8;

/**
 * What is looked for by a text; null if it names no prompt. A path has a second slash,
 * and a question is longer than any name.
 */
export function queryOf(text: string): string | null {
  const [, query] = /^\/([^/\\\n]{0,60})$/.exec(text) ?? [];
  return query ?? null;
}

export interface Match extends PromptChoice {
  /** The query stands in its name as it is: Enter takes it. */
  plain: boolean;
}

const plainly = (text: string) =>
  text
    .toLowerCase()
    .replace(/[\s_-]+/g, " ")
    .trim();

/** The prompts that a query means, the likeliest first. */
export function matches(query: string, prompts: readonly PromptChoice[]): Match[] {
  const wanted = plainly(query);
  if (!wanted) return prompts.slice(0, SHOWN).map((each) => ({ ...each, plain: true }));
  return prompts
    .map((each) => {
      const name = plainly(each.name);
      const plain = name.includes(wanted);
      const points =
        (name === wanted ? 100 : name.startsWith(wanted) ? 50 : 0) +
        (plain ? 20 : 0) +
        score(wanted, name);
      return { match: { ...each, plain }, points };
    })
    .filter(({ points }) => points > 0)
    .sort((a, b) => b.points - a.points)
    .slice(0, SHOWN)
    .map(({ match }) => match);
}

/** The index to begin with: none if Enter would take what was hardly meant. */
export const first = (found: readonly Match[]) => (found[0]?.plain ? 0 : -1);
