import { type Signal, signal } from "@preact/signals-core";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
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

/** Pixels between the last toast and what ends below it. */
const GAP = 8;

/** Pixels of the window that are left above what toasts lie above. */
const FEW = 80;

/** Puts toasts at the foot of what is seen of their view. */
function place(pop: HTMLElement, view: HTMLElement): void {
  let foot = window.innerHeight;
  // JupyterLab's body clips as well, but has no height of its own.
  const { body } = document;
  for (let box: HTMLElement | null = view; box && box !== body; box = box.parentElement)
    if (getComputedStyle(box).overflowY !== "visible")
      foot = Math.min(foot, box.getBoundingClientRect().bottom);
  // Above what is used at the foot of the view, as far as that is seen.
  for (const used of view.parentElement?.querySelectorAll("[data-foot]") ?? []) {
    const { top, bottom } = used.getBoundingClientRect();
    if (bottom > top && top < foot) foot = Math.max(top, FEW);
  }
  const { left, width } = view.getBoundingClientRect();
  pop.style.left = `${left + width / 2}px`;
  pop.style.width = `${Math.min(440, width - 2 * GAP)}px`;
  pop.style.bottom = `${window.innerHeight - Math.max(foot, pop.offsetHeight + GAP) + GAP}px`;
}

/** Where a view's toasts appear: at its foot. Read `toaster.shown` in the view. */
export function Toasts({ toaster }: { toaster: Toaster }) {
  const [held, setHeld] = useState(false);
  const toasts = toaster.shown.value;
  const box = useRef<HTMLDivElement>(null);
  const pop = useRef<HTMLDivElement>(null);
  // In the top layer: an output of JupyterLab scrolls by itself, so what sticks to its
  // foot is out of sight as soon as that is.
  useLayoutEffect(() => {
    const [view, above] = [box.current, pop.current];
    if (!toasts.length || !view || !above || !("showPopover" in above)) return;
    above.showPopover();
    const move = () => place(above, view);
    move();
    const ending = new AbortController();
    const { signal } = ending;
    document.addEventListener("scroll", move, { capture: true, passive: true, signal });
    window.addEventListener("resize", move, { signal });
    return () => {
      ending.abort();
      above.hidePopover();
    };
  }, [toasts]);
  return (
    <div
      ref={box}
      class="pl-toasts"
      role="status"
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocusIn={() => setHeld(true)}
      onFocusOut={() => setHeld(false)}
    >
      <div ref={pop} class="pl-toasts-pop" popover="manual">
        {toasts.map((toast) => (
          <One key={toast.id} {...{ toast, toaster, held }} />
        ))}
      </div>
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
