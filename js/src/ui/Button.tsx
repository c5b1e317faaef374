import type { ComponentChildren } from "preact";

interface Props {
  onClick: () => void;
  kind?: "normal" | "quiet" | "danger";
  /** What it does, where its text alone does not say it. */
  label?: string;
  disabled?: boolean;
  children: ComponentChildren;
}

export function Button({ onClick, kind = "normal", label, disabled, children }: Props) {
  return (
    <button
      type="button"
      class={`pl-button pl-button-${kind}`}
      onClick={() => disabled || onClick()}
      aria-label={label}
      aria-disabled={disabled || undefined}
    >
      {children}
    </button>
  );
}
