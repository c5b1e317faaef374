// What of the public library is shown: searched, chosen by capability, sorted.
import type { LibraryModelData, ModelRow } from "../protocol";
import { rank } from "../ui/fuzzy";
import type { Option } from "../ui/selection";

/** What the library is looked at by. */
export interface Wanted {
  query: string;
  capability: string;
  sort: "popular" | "newest" | "name";
}

const collator = new Intl.Collator("en", { numeric: true });

/** The models that are wanted: those by their names first. */
export function found(
  models: readonly LibraryModelData[],
  { query, capability, sort }: Wanted,
): readonly LibraryModelData[] {
  const able = capability
    ? models.filter((each) => each.capabilities.includes(capability))
    : models;
  if (query.trim()) {
    const by = (text: (each: LibraryModelData) => string) =>
      rank(
        query,
        able.map((each) => [each, text(each).toLowerCase()] as const),
      );
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    const said = able.filter(({ name, description }) => {
      const text = `${name} ${description}`.toLowerCase();
      return words.every((word) => text.includes(word));
    });
    return [...new Set([...by(({ name }) => name), ...said])];
  }
  if (sort !== "name") return able;
  return [...able].sort((a, b) => collator.compare(a.name, b.name));
}

/** The capabilities that models have, the most frequent first. */
export function capabilities(models: readonly LibraryModelData[]): string[] {
  const counts = new Map<string, number>();
  for (const { capabilities: all } of models)
    for (const each of all) counts.set(each, (counts.get(each) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a).map(([name]) => name);
}

/** What to pull of a model in one of its sizes. */
export const sized = (name: string, size: string) => `${name}:${size}`;

/** A name in full: without a tag it is the latest. */
export const whole = (name: string) =>
  name.slice(name.lastIndexOf("/") + 1).includes(":") ? name : `${name}:latest`;

/** The names that a server has, in full. */
export const installed = (rows: readonly ModelRow[]): ReadonlySet<string> =>
  new Set(
    rows.filter(({ provider }) => provider === "ollama").map(({ name }) => whole(name)),
  );

/** What can be typed to pull: the library's models, each in its sizes. */
export const names = (models: readonly LibraryModelData[]): Option[] =>
  models.flatMap(({ name, sizes, description }) => [
    { value: name, group: "Library", description: description.slice(0, 60) },
    ...sizes.map((size) => ({ value: sized(name, size), group: "Library" })),
  ]);

/** A number of pulls: "41M", "128k", "950". */
export function pulls(count: number): string {
  const [amount, unit] =
    count >= 999_500
      ? [count / 1e6, "M"]
      : count >= 1000
        ? [count / 1000, "k"]
        : [count, ""];
  return `${unit && amount < 9.95 ? amount.toFixed(1) : Math.round(amount)}${unit}`;
}
