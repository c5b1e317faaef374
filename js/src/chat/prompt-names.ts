// Prompts that are named by `/` at the beginning of a message.
import type { PromptChoice } from "../protocol";
import { score } from "../ui/fuzzy";

/** Prompts that the list shows, at most. */
export const SHOWN = 8;

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
