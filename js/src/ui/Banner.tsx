import type { ComponentChildren } from "preact";
import type { Failure } from "../protocol";
import { Button, IconButton } from "./Button";
import { Icon } from "./icons";

interface Props {
  kind?: "info" | "warning" | "error";
  message: string;
  hint?: string | null | undefined;
  action?: { label: string; onClick: () => void; busy?: boolean };
  onDismiss?: () => void;
  /** More that can be done about it. */
  children?: ComponentChildren;
}

/** A message and a hint. Screen readers announce an error at once. */
export function Banner({ kind = "info", message, hint, ...more }: Props) {
  const { action, onDismiss, children } = more;
  return (
    <div
      class={`pl-banner pl-banner-${kind}`}
      role={kind === "error" ? "alert" : "status"}
    >
      <Icon name={kind} class="pl-banner-icon" />
      <div class="pl-banner-words">
        <div class="pl-banner-message">{message}</div>
        {hint && <div>{hint}</div>}
      </div>
      {action && <Button size="small" {...action} />}
      {children}
      {onDismiss && <IconButton label="Dismiss" icon="close" onClick={onDismiss} />}
    </div>
  );
}

/** An error of the kernel. */
export function Problem({
  error,
  ...more
}: { error: Failure } & Pick<Props, "action" | "onDismiss" | "children">) {
  return <Banner kind="error" message={error.message} hint={error.hint} {...more} />;
}
