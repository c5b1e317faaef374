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

export function useFilling(prompt: ChosenPrompt | null): Filling {
  const [values, setValues] = useState<Readonly<Record<string, string>>>({});
  const [asked, setAsked] = useState(false);
  useEffect(() => {
    setValues(prompt?.values ?? {});
    setAsked(false);
  }, [prompt?.name, prompt?.version]);
  const lacks = missing(prompt?.variables ?? [], values);
  return {
    values,
    set: (name, value) => setValues((now) => ({ ...now, [name]: value })),
    lacking: new Set(asked ? lacks : []),
    ready() {
      setAsked(lacks.length > 0);
      return lacks.length === 0;
    },
  };
}
