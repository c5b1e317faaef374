import type { ComponentChildren } from "preact";
import type { Failure } from "../protocol";

interface Props {
  error: Failure;
  /** What can be done about it. */
  children?: ComponentChildren;
}

/** The error of an answer, and its hint. */
export function Problem({ error, children }: Props) {
  return (
    <div class="pl-error" role="alert">
      <div class="pl-error-message">{error.message}</div>
      {error.hint && <div class="pl-error-hint">{error.hint}</div>}
      {children}
    </div>
  );
}
