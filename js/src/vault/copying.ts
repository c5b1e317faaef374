// Copies a text to the clipboard.

/** The old way, for pages over plain http: it is deprecated, and the only one there. */
function copiedByCommand(text: string): boolean {
  const before = document.activeElement as HTMLElement | null;
  const box = document.createElement("textarea");
  box.value = text;
  box.style.cssText = "position:fixed;opacity:0";
  // Beside what is focused: around an open dialog nothing can be selected.
  (before?.parentElement ?? document.body).append(box);
  box.select();
  try {
    return document.execCommand("copy");
  } finally {
    box.remove();
    before?.focus();
  }
}

/** Copies a text; false if the page may not. */
export async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Absent on plain http; refused without the permission.
    return copiedByCommand(text);
  }
}
