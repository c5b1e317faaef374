import { useState } from "preact/hooks";
import { Field, PasswordField, Switch } from "../kit";
import { withoutBreak } from "./words";

interface Props {
  label: string;
  value: string;
  onInput: (value: string) => void;
  onEnter: () => void;
}

const CUT = "The line break at the end of what you pasted was cut.";

/** The value of a secret: one line, or what is pasted with several. */
export function ValueField({ label, value, onInput, onEnter }: Props) {
  const [several, setSeveral] = useState(false);
  const [shown, setShown] = useState(false);
  const [cut, setCut] = useState(false);
  const typed = (text: string) => {
    setCut(false);
    onInput(text);
  };
  const onPaste = (event: ClipboardEvent) => {
    const pasted = event.clipboardData?.getData("text/plain") ?? "";
    const box = event.target as HTMLInputElement | HTMLTextAreaElement;
    const [text, ended] = withoutBreak(pasted);
    const lines = /[\r\n]/.test(text);
    // The browser takes line breaks out of a field by itself, and does not say so.
    if (!ended && !(lines && !several)) return;
    event.preventDefault();
    const { selectionStart, selectionEnd } = box;
    const before = value.slice(0, selectionStart ?? value.length);
    onInput(before + text + value.slice(selectionEnd ?? value.length));
    setCut(ended);
    if (lines) setSeveral(true);
  };
  const hint = cut ? CUT : undefined;
  return (
    <div class="pl-vault-typed" onPaste={onPaste}>
      {several ? (
        <>
          <div class={shown ? undefined : "pl-vault-masked"}>
            <Field
              label={label}
              kind="area"
              code
              value={value}
              hint={["It has several lines.", hint].filter(Boolean).join(" ")}
              onInput={typed}
            />
          </div>
          <Switch
            label={`Show ${label.toLowerCase()}`}
            on={shown}
            onChange={setShown}
          />
        </>
      ) : (
        <PasswordField
          label={label}
          value={value}
          hint={hint}
          onInput={typed}
          onEnter={onEnter}
        />
      )}
    </div>
  );
}
