import { useState } from "preact/hooks";
import { Field, type FieldProps } from "./Field";

/** What is in a text unseen, as pasted texts have it; "" for nothing. */
export function unseen(text: string): string {
  if (/[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]/u.test(text))
    return "It contains a character that cannot be seen.";
  if (/^\s/u.test(text)) return "It begins with a space.";
  if (/\s$/u.test(text)) return "It ends with a space.";
  return "";
}

type Props = Omit<FieldProps, "kind"> & {
  /** Enter was pressed, and not to choose a character of an input method. */
  onEnter?: () => void;
};

/**
 * A field for what nobody should read over a shoulder: it says when Caps Lock is on, and
 * what is in the text that cannot be seen.
 */
export function PasswordField({ onEnter, hint, ...props }: Props) {
  const [caps, setCaps] = useState(false);
  const notes = [caps && "Caps Lock is on.", unseen(props.value), hint];
  return (
    <Field
      {...props}
      kind="password"
      hint={notes.filter(Boolean).join(" ") || undefined}
      onKeyDown={(event) => {
        // A key event that a password manager makes has no modifiers.
        setCaps(event.getModifierState?.("CapsLock") ?? false);
        props.onKeyDown?.(event);
        if (event.key !== "Enter" || !onEnter) return;
        event.preventDefault();
        onEnter();
      }}
    />
  );
}
