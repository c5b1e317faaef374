import type { Ref } from "preact";
import { Dots } from "./Dots";
import { Icon, type IconName } from "./icons";

export interface ButtonProps {
  /** The button's text, and its accessible name. */
  label: string;
  onClick: () => void;
  kind?: "plain" | "primary" | "danger" | "quiet";
  size?: "normal" | "small";
  icon?: IconName;
  /** The action is running: shown, and it cannot be started again. */
  busy?: boolean;
  disabled?: boolean;
  title?: string;
  class?: string;
  buttonRef?: Ref<HTMLButtonElement>;
}

/** A button with a text. While disabled it can still be focused, and says so. */
export function Button(props: ButtonProps) {
  const { label, kind = "plain", size = "normal", icon, busy, title } = props;
  const off = busy || props.disabled;
  const also = props.class ? ` ${props.class}` : "";
  return (
    <button
      type="button"
      ref={props.buttonRef ?? null}
      class={`pl-button pl-button-${kind} pl-button-${size}${also}`}
      aria-disabled={off || undefined}
      aria-busy={busy || undefined}
      title={title}
      onClick={() => {
        if (!off) props.onClick();
      }}
    >
      {busy ? <Dots /> : icon && <Icon name={icon} />}
      <span>{label}</span>
    </button>
  );
}

export interface IconButtonProps {
  /** What it does: its tooltip, and its accessible name. */
  label: string;
  icon: IconName;
  onClick: () => void;
  disabled?: boolean;
  /** For a toggle button: whether it is on. */
  pressed?: boolean;
  tabIndex?: number;
  class?: string;
  buttonRef?: Ref<HTMLButtonElement>;
}

/** A button that is an icon. */
export function IconButton({ label, icon, onClick, ...more }: IconButtonProps) {
  const also = more.class ? ` ${more.class}` : "";
  return (
    <button
      type="button"
      ref={more.buttonRef ?? null}
      class={`pl-icon-button${also}`}
      aria-label={label}
      aria-pressed={more.pressed}
      aria-disabled={more.disabled || undefined}
      tabIndex={more.tabIndex}
      title={label}
      onClick={() => {
        if (!more.disabled) onClick();
      }}
    >
      <Icon name={icon} />
    </button>
  );
}
