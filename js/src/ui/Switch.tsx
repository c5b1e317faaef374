import { useId } from "./ids";

interface Props {
  label: string;
  on: boolean;
  onChange: (on: boolean) => void;
  hint?: string | undefined;
  disabled?: boolean;
  /** What it is about, where that stands elsewhere on the page: for screen readers. */
  about?: string;
  tabIndex?: number;
}

/** A switch, which takes effect at once. */
export function Switch({ label, on, onChange, hint, disabled, ...more }: Props) {
  const id = useId();
  return (
    <div class="pl-switch-row">
      <button
        type="button"
        class="pl-switch"
        role="switch"
        aria-checked={on}
        aria-labelledby={`${id}-label`}
        aria-describedby={hint ? `${id}-hint` : undefined}
        aria-disabled={disabled || undefined}
        tabIndex={more.tabIndex}
        onClick={() => {
          if (!disabled) onChange(!on);
        }}
      >
        <span class="pl-switch-knob" />
      </button>
      <div class="pl-switch-words">
        {/* biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the button's */}
        {/* biome-ignore lint/a11y/noStaticElementInteractions: a bigger target for it */}
        <span
          class="pl-label"
          id={`${id}-label`}
          onClick={() => {
            if (!disabled) onChange(!on);
          }}
        >
          {label}
          {more.about && <span class="pl-hidden"> {more.about}</span>}
        </span>
        {hint && (
          <span class="pl-quiet" id={`${id}-hint`}>
            {hint}
          </span>
        )}
      </div>
    </div>
  );
}
