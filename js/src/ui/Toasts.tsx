import { type Signal, signal } from "@preact/signals-core";
import { useEffect, useState } from "preact/hooks";
import { IconButton } from "./Button";
import { Icon } from "./icons";

export interface Toast {
  id: number;
  text: string;
  kind: "info" | "warning" | "error";
  action?: { label: string; onClick: () => void } | undefined;
}

/** The toasts of one view; each view makes its own. */
export class Toaster {
  readonly shown: Signal<readonly Toast[]> = signal([]);
  #last = 0;

  /** Shows a message for a while; an error stays until it is dismissed. */
  say(text: string, kind: Toast["kind"] = "info", action?: Toast["action"]): void {
    // The same message again restarts the toast that shows it.
    const others = this.shown.value.filter((toast) => toast.text !== text);
    this.shown.value = [...others.slice(-2), { id: ++this.#last, text, kind, action }];
  }

  dismiss(id: number): void {
    this.shown.value = this.shown.value.filter((toast) => toast.id !== id);
  }
}

/** Milliseconds for which a toast stays: long enough to be read slowly. */
const STAYS = 6000;

/** Where a view's toasts appear: at its foot. Read `toaster.shown` in the view. */
export function Toasts({ toaster }: { toaster: Toaster }) {
  const [held, setHeld] = useState(false);
  const toasts = toaster.shown.value;
  return (
    <div
      class="pl-toasts"
      role="status"
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocusIn={() => setHeld(true)}
      onFocusOut={() => setHeld(false)}
    >
      {toasts.map((toast) => (
        <One key={toast.id} {...{ toast, toaster, held }} />
      ))}
    </div>
  );
}

function One({
  toast,
  toaster,
  held,
}: {
  toast: Toast;
  toaster: Toaster;
  held: boolean;
}) {
  const { id, text, kind, action } = toast;
  useEffect(() => {
    if (held || kind === "error") return;
    const timer = setTimeout(() => toaster.dismiss(id), STAYS);
    return () => clearTimeout(timer);
  }, [id, held, kind, toaster]);
  return (
    <div class={`pl-toast pl-toast-${kind}`}>
      {kind !== "info" && <Icon name={kind} class="pl-banner-icon" />}
      <span class="pl-toast-words">{text}</span>
      {action && (
        <button
          type="button"
          class="pl-toast-action"
          onClick={() => {
            toaster.dismiss(id);
            action.onClick();
          }}
        >
          {action.label}
        </button>
      )}
      <IconButton label="Dismiss" icon="close" onClick={() => toaster.dismiss(id)} />
    </div>
  );
}
