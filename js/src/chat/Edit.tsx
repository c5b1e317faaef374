import { useEffect, useRef } from "preact/hooks";
import { Button } from "../ui/Button";
import { breakLine, undoes } from "../ui/editing";
import { tooLong } from "./actions";
import { isTyping } from "./Composer";

interface Props {
  text: string;
  following: number;
  busy: boolean;
  onAsk: (text: string) => void;
  onCancel: () => void;
}

/** A question that is being edited. */
export function Edit({ text, following, busy, onAsk, onCancel }: Props) {
  const box = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    box.current?.focus();
    box.current?.setSelectionRange(text.length, text.length);
  }, [text]);
  const ask = () => {
    const next = box.current?.value ?? "";
    if (next.trim() && !busy && !tooLong(next)) onAsk(next);
  };
  const turns = following === 1 ? "the turn" : `the ${following} turns`;
  return (
    <div class="pl-edit">
      <textarea
        ref={box}
        class="pl-edit-text"
        dir="auto"
        rows={Math.min(12, text.split("\n", 12).length + 1)}
        aria-label="Edit question"
        defaultValue={text}
        onKeyDown={(event) => {
          if (isTyping(event) || undoes(event)) return;
          if (event.key === "Enter") {
            event.preventDefault();
            if (event.shiftKey || event.altKey) breakLine(event.currentTarget);
            else ask();
          } else if (event.key === "Escape") {
            event.stopPropagation();
            onCancel();
          }
        }}
      />
      <div class="pl-edit-foot">
        {following > 0 && (
          <span class="pl-quiet">The new answer deletes {turns} after it.</span>
        )}
        <Button label="Cancel" size="small" onClick={onCancel} />
        <Button label="Ask" kind="primary" size="small" disabled={busy} onClick={ask} />
      </div>
    </div>
  );
}
