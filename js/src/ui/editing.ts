/** Whether a key is part of composing a character, as in Japanese or Chinese. */
export const isTyping = (event: KeyboardEvent): boolean =>
  // Safari ends the composition before the key that takes it.
  event.isComposing || event.keyCode === 229;

// What JupyterLab takes away from the fields of a cell's output: it cancels line breaks
// there, so that Shift+Enter runs the cell and does nothing else, and takes undo and redo
// for the notebook's. `execCommand` is deprecated, and the only way to them.

/** Inserts a line break at the caret. */
export const breakLine = (box: HTMLTextAreaElement): void => insert(box, "\n");

/** Puts a text in the place of what is selected; it can be undone. */
export function insert(box: HTMLTextAreaElement, text: string): void {
  const before = box.value;
  document.execCommand?.("insertText", false, text);
  if (box.value !== before) return;
  box.setRangeText(text, box.selectionStart, box.selectionEnd, "end");
  box.dispatchEvent(new InputEvent("input", { bubbles: true }));
}

/** Handles the keys for undo and redo; returns whether it did. */
export function undoes(event: KeyboardEvent): boolean {
  const { key, shiftKey, altKey } = event;
  if (!(event.ctrlKey || event.metaKey) || altKey) return false;
  const undo = key.toLowerCase() === "z" && !shiftKey;
  const redo = key.toLowerCase() === (shiftKey ? "z" : "y");
  if ((!undo && !redo) || !document.execCommand) return false;
  event.preventDefault();
  document.execCommand(undo ? "undo" : "redo");
  return true;
}
