// Requests whose error is shown where they were made.
import { useState } from "preact/hooks";
import { shown } from "../bridge";
import type { Failure } from "../protocol";

export type Outcome<T> =
  | { result: T; error?: never }
  | { result?: never; error: Failure };

/** Resolves to the result of some work, or to its error. */
export const outcome = <T>(work: Promise<T>): Promise<Outcome<T>> =>
  work.then(
    (result) => ({ result }),
    (error) => ({ error: shown(error) }),
  );

export interface Trying {
  busy: boolean;
  /** The error of the last attempt. */
  problem: Failure | null;
  /** Waits for a request; its error is kept until the next. */
  attempt: <T>(work: Promise<Outcome<T>>) => Promise<Outcome<T>>;
  forget: () => void;
}

/** What a form does with its requests. */
export function useTrying(): Trying {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Failure | null>(null);
  return {
    busy,
    problem,
    async attempt(work) {
      setBusy(true);
      setProblem(null);
      const done = await work;
      setBusy(false);
      setProblem(done.error ?? null);
      return done;
    },
    forget: () => setProblem(null),
  };
}
