import type { Ref } from "preact";
import { Dots } from "./Dots";
import { Icon, type IconName } from "./icons";

export interface ButtonProps {
  /** What it says; it is its accessible name too. */
  label: string;
  onClick: () => void;
  kind?: "plain" | "primary" | "danger" | "quiet";
  size?: "normal" | "small";
  icon?: IconName;
  /** What it was asked is under way: shown, and not to be asked again. */
  busy?: boolean;
  disabled?: boolean;
  title?: string;
  class?: string;
  buttonRef?: Ref<HTMLButtonElement>;
}

/** A button with words. Off, it stays where Tab finds it and says that it is off. */
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
  /** What it does; shown as its tip, and its accessible name. */
  label: string;
  icon: IconName;
  onClick: () => void;
  disabled?: boolean;
  /** Of a button that switches something on and off. */
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
