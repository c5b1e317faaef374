// Which of a source's prompts are imported.
import type { CandidateData } from "../protocol";

export type State = CandidateData["state"];

/** The states in the order in which they matter to the user, and in words. */
export const STATES: Readonly<Record<State, string>> = {
  new: "new",
  changed: "changed",
  edited: "edited here",
  taken: "name taken",
  deleted: "deleted here",
  same: "as here",
};

/** What a state means for an import. */
export const MEANING: Readonly<Record<State, string>> = {
  new: "It is added.",
  changed: "Yours becomes this, as a new version.",
  edited: "You changed it, and so did the source: theirs is added beside yours.",
  taken: "Another prompt of yours has this name: theirs is added beside it.",
  deleted: "You deleted it: it comes back.",
  same: "Nothing to do.",
};

export const usual = ({ state }: CandidateData) =>
  state === "new" || state === "changed";

/** How many candidates have each state. */
export function counts(all: readonly CandidateData[]): Record<State, number> {
  const found = { new: 0, changed: 0, edited: 0, taken: 0, deleted: 0, same: 0 };
  for (const { state } of all) found[state]++;
  return found;
}

/** The candidates that a filter leaves. */
export function filtered(
  all: readonly CandidateData[],
  query: string,
  state: State | null,
): CandidateData[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return all.filter((each) => {
    if (state && each.state !== state) return false;
    const text = [each.name, each.description, ...each.tags].join("\n").toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** "3 prompts", "1 prompt". */
export const prompts = (count: number) =>
  `${count.toLocaleString("en")} ${count === 1 ? "prompt" : "prompts"}`;

/** What an import did, in one line. */
export function summary(done: {
  added: readonly string[];
  updated: readonly string[];
  beside: readonly string[];
}): string {
  const parts = [
    [done.added.length, "added"],
    [done.updated.length, "updated"],
    [done.beside.length, "added beside yours"],
  ] as const;
  const said = parts
    .filter(([count]) => count)
    .map(([count, word]) => `${count.toLocaleString("en")} ${word}`);
  return said.length ? `Imported: ${said.join(", ")}.` : "Nothing changed.";
}
