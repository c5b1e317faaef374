// Values for the variables of the chosen prompt, typed above the composer.
import { useEffect, useState } from "preact/hooks";
import type { ChosenPrompt, PromptVariable } from "../protocol";

export interface Filling {
  values: Readonly<Record<string, string>>;
  set(name: string, value: string): void;
  /** The variables that were asked for and have no value. */
  lacking: ReadonlySet<string>;
  /** Whether nothing is missing; if something is, it is marked. */
  ready(): boolean;
}

/** The variables that need a value and have none. */
export const missing = (
  variables: readonly PromptVariable[],
  values: Readonly<Record<string, string>>,
): string[] =>
  variables
    .filter(({ name, default: value }) => value == null && !values[name]?.trim())
    .map(({ name }) => name);

/** What is typed for the prompt of each tab, by the tab's id. */
export type Filled = Map<string, { of: string; values: Filling["values"] }>;

export function useFilling(
  prompt: ChosenPrompt | null,
  filled: Filled,
  tab: string,
): Filling {
  const [values, setValues] = useState<Filling["values"]>({});
  const [asked, setAsked] = useState(false);
  const of = prompt ? `${prompt.version} ${prompt.name}` : "";
  useEffect(() => {
    // The tab may have been left and shown again.
    const known = filled.get(tab);
    if (known?.of !== of) filled.delete(tab);
    setValues(known?.of === of ? known.values : (prompt?.values ?? {}));
    setAsked(false);
  }, [of]);
  const lacks = missing(prompt?.variables ?? [], values);
  return {
    values,
    set(name, value) {
      const now = { ...(filled.get(tab)?.values ?? values), [name]: value };
      filled.set(tab, { of, values: now });
      setValues(now);
    },
    lacking: new Set(asked ? lacks : []),
    ready() {
      setAsked(lacks.length > 0);
      return lacks.length === 0;
    },
  };
}
