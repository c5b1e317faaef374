// A text of a turn that is being edited: what is written outlives its place in the page.
import { useRef, useState } from "preact/hooks";
import type { Actions } from "./actions";

export interface Editing {
  /** What is written so far; null if the text is not being edited. */
  draft: string | null;
  begin: (text: string) => void;
  /** Whether it was begun since this was asked last, and in this place of the page. */
  isNew: () => boolean;
  write: (text: string) => void;
  end: () => void;
}

export function useEdit(actions: Actions, key: string): Editing {
  const edits = actions.edits();
  const [, redraw] = useState(0);
  const fresh = useRef(false);
  const set = (text: string | null) => {
    if (text === null) edits.delete(key);
    else edits.set(key, text);
    redraw((n) => n + 1);
  };
  return {
    draft: edits.get(key) ?? null,
    begin(text) {
      fresh.current = true;
      set(text);
    },
    isNew() {
      const was = fresh.current;
      fresh.current = false;
      return was;
    },
    // Not rendered again: the field has it.
    write: (text) => void edits.set(key, text),
    end: () => set(null),
  };
}
