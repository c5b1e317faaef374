import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { Button, type ButtonProps, IconButton } from "./Button";
import { useId } from "./ids";

interface Props {
  title: string;
  open: boolean;
  /** Esc, the cross or a click outside: the owner closes the dialog. */
  onClose: () => void;
  children: ComponentChildren;
  /** The main button at the bottom, after one that cancels. */
  decision?: ButtonProps | undefined;
  /** Other buttons at the bottom, the main one last. */
  actions?: ComponentChildren;
  /** For what cannot be undone: a click outside does not close it. */
  strict?: boolean;
}

/**
 * A modal dialog. It is the browser's own: it traps the focus, restores it, and lies
 * above the page wherever its view is.
 */
export function Dialog(props: Props) {
  const { title, open, onClose, children, actions, decision, strict } = props;
  const id = useId();
  const box = useRef<HTMLDialogElement>(null);
  // A press that began inside, such as one that selects a text, is no click outside.
  const outside = useRef(false);
  useEffect(() => {
    const dialog = box.current;
    if (!dialog || dialog.open === open) return;
    if (open) {
      dialog.showModal();
      dialog.querySelector<HTMLElement>("[autofocus], .pl-dialog-body input")?.focus();
    } else dialog.close();
  }, [open]);
  // A dialog that is removed is closed before, which restores the focus: what a plain
  // effect leaves to be done is done after that.
  useLayoutEffect(() => () => box.current?.close(), []);
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
        // Keep Esc from the view below, which would stop an answer.
        if (event.key === "Escape") event.stopPropagation();
      }}
      onPointerDown={(event) => {
        outside.current = event.target === event.currentTarget;
      }}
      onClick={(event) => {
        if (event.target === event.currentTarget && outside.current && !strict)
          onClose();
      }}
    >
      {open && (
        <div class="pl-dialog-inside">
          <div class="pl-dialog-head">
            <h2 id={id}>{title}</h2>
            <IconButton label="Close" icon="close" onClick={onClose} />
          </div>
          <div class="pl-dialog-body">{children}</div>
          {(actions || decision) && (
            <div class="pl-actions">
              {actions}
              {decision && (
                <>
                  <Button label="Cancel" onClick={onClose} />
                  <Button kind="primary" {...decision} />
                </>
              )}
            </div>
          )}
        </div>
      )}
    </dialog>
  );
}
