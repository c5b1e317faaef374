import { useEffect, useRef } from "preact/hooks";
import { Button, Dialog } from "../kit";

/** Copies a text; false if the page may not. */
export async function copied(text: string): Promise<boolean> {
  try {
    // Absent on plain http; refused without the permission.
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** A text to be copied by hand, where the page may not do it. */
export function CopyByHand({ text, onClose }: { text: string; onClose: () => void }) {
  const box = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    box.current?.focus();
    box.current?.select();
  }, []);
  return (
    <Dialog
      title="Copy this into a cell"
      open
      onClose={onClose}
      actions={<Button label="Done" kind="primary" onClick={onClose} />}
    >
      <p class="pl-prompts-say">
        This page may not copy by itself: press Ctrl+C or ⌘C.
      </p>
      <textarea
        ref={box}
        class="pl-input pl-input-code"
        aria-label="Text of the cell"
        rows={Math.min(12, text.split("\n").length + 1)}
        readOnly
        value={text}
      />
    </Dialog>
  );
}
