import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { IconButton } from "./Button";
import { useId } from "./ids";

interface Props {
  title: string;
  open: boolean;
  /** Esc, the cross or a press beside it: the owner closes it. */
  onClose: () => void;
  children: ComponentChildren;
  /** Buttons at its foot, the one that does it last. */
  actions?: ComponentChildren;
  /** A question about something that cannot be undone: a press beside it is no answer. */
  strict?: boolean;
}

/**
 * A question that everything else waits for. It is the browser's own: it holds the
 * focus, gives it back, and lies above the page wherever its view is.
 */
export function Dialog({ title, open, onClose, children, actions, strict }: Props) {
  const id = useId();
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = box.current;
    if (!dialog || dialog.open === open) return;
    if (open) {
      dialog.showModal();
      dialog.querySelector<HTMLElement>("[autofocus], .pl-dialog-body input")?.focus();
    } else dialog.close();
  }, [open]);
  // A view that goes takes its question along, and the focus goes back.
  useEffect(() => () => box.current?.close(), []);
  return (
    <dialog
      ref={box}
      class="pl-dialog"
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onKeyDown={(event) => {
        // Not for the view below, which may stop an answer at Esc.
        if (event.key === "Escape") event.stopPropagation();
      }}
      onClick={(event) => {
        if (event.target === event.currentTarget && !strict) onClose();
      }}
    >
      {open && (
        <div class="pl-dialog-inside">
          <div class="pl-dialog-head">
            <h2 id={id}>{title}</h2>
            <IconButton label="Close" icon="close" onClick={onClose} />
          </div>
          <div class="pl-dialog-body">{children}</div>
          {actions && <div class="pl-actions">{actions}</div>}
        </div>
      )}
    </dialog>
  );
}
