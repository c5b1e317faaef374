import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./icons";

interface Props {
  title: string;
  icon?: IconName;
  /** What the user can do: text, buttons. */
  children?: ComponentChildren;
}

/** What is shown where there is nothing yet. */
export function Empty({ title, icon, children }: Props) {
  return (
    <div class="pl-empty">
      {icon && <Icon name={icon} class="pl-empty-icon" />}
      <div class="pl-empty-title">{title}</div>
      {children && <div class="pl-empty-words">{children}</div>}
    </div>
  );
}
