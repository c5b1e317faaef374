import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { IconButton } from "./Button";
import { isTyping } from "./editing";
import { useId } from "./ids";

interface Props {
  title: string;
  open: boolean;
  /** For what is read more than it is filled in. */
  wide?: boolean;
  onClose: () => void;
  children: ComponentChildren;
}

/**
 * A sheet over one side of its `.pl-drawer-host`, or over all of a narrow one. The rest
 * stays usable.
 */
export function Drawer({ title, open, wide, onClose, children }: Props) {
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (!open) return;
    const before = document.activeElement as HTMLElement | null;
    box.current?.focus();
    return () => {
      // Only if the focus is still inside: otherwise the user has moved it.
      const now = document.activeElement;
      if (!now || now === document.body || box.current?.contains(now)) before?.focus();
    };
  }, [open]);
  if (!open) return null;
  return (
    <div
      ref={box}
      class={wide ? "pl-drawer pl-drawer-wide" : "pl-drawer"}
      role="dialog"
      aria-labelledby={id}
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.defaultPrevented || isTyping(event)) return;
        event.preventDefault();
        event.stopPropagation();
        onClose();
      }}
    >
      <div class="pl-dialog-head">
        <h2 id={id}>{title}</h2>
        <IconButton label="Close" icon="close" onClick={onClose} />
      </div>
      <div class="pl-drawer-body">{children}</div>
    </div>
  );
}
