import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { Button } from "../ui/Button";
import { breakLine, isTyping, undoes } from "../ui/editing";
import { tooLong } from "./actions";

interface Props {
  label: string;
  /** What the text was, and what has been written in its place so far. */
  text: string;
  draft: string;
  hint?: string;
  busy: boolean;
  /** Whether it was begun just now, and here: only then it takes the focus. */
  isNew: () => boolean;
  onDraft: (text: string) => void;
  /** Asks the text, which Enter does then; without it Enter breaks the line. */
  onAsk?: (text: string) => void;
  onSave: (text: string) => void;
  onCancel: () => void;
}

const BUSY = "Wait for the answer, or stop it";

/** A text of a turn that is being edited. */
export function Edit(props: Props) {
  const { label, text, draft, hint, busy, onAsk, onSave, onCancel } = props;
  const box = useRef<HTMLTextAreaElement>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useLayoutEffect(() => {
    if (!props.isNew()) return;
    const field = box.current;
    field?.focus();
    field?.setSelectionRange(field.value.length, field.value.length);
  }, []);
  const give = (take: (text: string) => void) => {
    const next = box.current?.value ?? "";
    const refused = next.trim() ? tooLong(next) : "It is empty.";
    setProblem(refused);
    if (!refused && !busy) take(next);
  };
  const save = () =>
    give((next) => {
      if (next === text) onCancel();
      else onSave(next);
    });
  const why = busy ? { title: BUSY } : {};
  return (
    <div class="pl-edit">
      <textarea
        ref={box}
        class="pl-edit-text"
        dir="auto"
        rows={Math.min(16, draft.split("\n", 16).length + 1)}
        aria-label={label}
        defaultValue={draft}
        onInput={(event) => {
          setProblem(null);
          props.onDraft(event.currentTarget.value);
        }}
        onKeyDown={(event) => {
          if (isTyping(event) || undoes(event)) return;
          const { key, ctrlKey, metaKey, shiftKey, altKey } = event;
          if (key === "Escape") {
            event.stopPropagation();
            onCancel();
          } else if (key === "Enter") {
            event.preventDefault();
            if (ctrlKey || metaKey) save();
            else if (shiftKey || altKey || !onAsk) breakLine(event.currentTarget);
            else give(onAsk);
          }
        }}
      />
      {problem && (
        <div class="pl-composer-problem" role="alert">
          {problem}
        </div>
      )}
      <div class="pl-edit-foot">
        {hint && <span class="pl-quiet">{hint}</span>}
        <Button label="Cancel" size="small" onClick={onCancel} />
        <Button
          label="Save"
          {...(onAsk ? {} : { kind: "primary" })}
          size="small"
          disabled={busy}
          title={busy ? BUSY : "Save without asking (Ctrl+Enter)"}
          onClick={save}
        />
        {onAsk && (
          <Button
            label="Ask"
            kind="primary"
            size="small"
            disabled={busy}
            {...why}
            onClick={() => give(onAsk)}
          />
        )}
      </div>
    </div>
  );
}
