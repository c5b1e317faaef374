import type { Ref } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { IconButton } from "./Button";
import { breakLine, isTyping, undoes } from "./editing";
import { Icon } from "./icons";
import { useId } from "./ids";

export interface FieldProps {
  label: string;
  value: string;
  onInput: (value: string) => void;
  kind?: "text" | "number" | "password" | "search" | "area";
  /** The label is for screen readers only; others see what the field is. */
  hideLabel?: boolean;
  hint?: string | undefined;
  error?: string | undefined;
  placeholder?: string;
  /** What is offered while one types in a text field; any other text may be typed. */
  suggestions?: readonly string[];
  disabled?: boolean;
  required?: boolean;
  min?: number;
  max?: number;
  step?: number | "any";
  /** A monospaced font: for names, addresses, JSON. */
  code?: boolean;
  /** Fewest and most lines of an area; with more it scrolls. */
  lines?: readonly [least: number, most: number];
  /** A key, unless it is part of composing a character. */
  onKeyDown?: (event: KeyboardEvent) => void;
  /** The field lost the focus, or Enter was pressed: its text is final. */
  onDone?: () => void;
  inputRef?: Ref<HTMLInputElement | HTMLTextAreaElement>;
}

type Box = HTMLInputElement | HTMLTextAreaElement;

const give = (ref: FieldProps["inputRef"], box: Box | null) => {
  if (typeof ref === "function") ref(box);
  else if (ref) ref.current = box;
};

/** A text field with label, hint and error. */
export function Field(props: FieldProps) {
  const { kind = "text", label, value, hint, error, lines = [3, 12] } = props;
  const id = useId();
  const own = useRef<Box | null>(null);
  const [shown, setShown] = useState(false);
  useLayoutEffect(() => {
    if (kind === "area" && own.current) grow(own.current, lines);
  }, [kind, value, lines[0], lines[1]]);
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean);
  const box = {
    id,
    ref: (at: Box | null) => {
      own.current = at;
      give(props.inputRef, at);
    },
    class: props.code ? "pl-input pl-input-code" : "pl-input",
    value,
    disabled: props.disabled,
    required: props.required,
    placeholder: props.placeholder,
    "aria-invalid": error ? true : undefined,
    "aria-describedby": described.join(" ") || undefined,
    autocomplete: kind === "password" ? "new-password" : "off",
    spellcheck: kind === "area" && !props.code,
    onInput: (event: Event) => props.onInput((event.currentTarget as Box).value),
    onKeyDown: (event: KeyboardEvent) => {
      if (isTyping(event)) return;
      props.onKeyDown?.(event);
      if (undoes(event)) return;
      if (kind === "area" && event.key === "Enter" && !event.defaultPrevented) {
        event.preventDefault();
        breakLine(event.currentTarget as HTMLTextAreaElement);
      }
      if (event.key === "Enter" && kind !== "area") props.onDone?.();
    },
    onBlur: () => props.onDone?.(),
  };
  return (
    <div class={error ? "pl-field pl-field-wrong" : "pl-field"}>
      <label class={props.hideLabel ? "pl-hidden" : "pl-label"} for={id}>
        {label}
      </label>
      <div class="pl-input-box">
        {kind === "search" && <Icon name="search" class="pl-input-icon" />}
        {kind === "area" ? (
          <textarea {...box} rows={lines[0]} dir="auto" />
        ) : (
          <input
            {...box}
            {...typeOf(props, shown)}
            list={props.suggestions && `${id}-list`}
          />
        )}
        {props.suggestions && (
          <datalist id={`${id}-list`}>
            {props.suggestions.map((each) => (
              <option key={each} value={each} />
            ))}
          </datalist>
        )}
        {kind === "password" && (
          <IconButton
            class="pl-input-button"
            label={shown ? `Hide ${label}` : `Show ${label}`}
            icon={shown ? "hidden" : "eye"}
            pressed={shown}
            onClick={() => setShown(!shown)}
          />
        )}
      </div>
      {error && (
        <div class="pl-field-error" id={`${id}-error`} role="alert">
          {error}
        </div>
      )}
      {hint && (
        <div class="pl-quiet" id={`${id}-hint`}>
          {hint}
        </div>
      )}
    </div>
  );
}

// Preact's types want the type of an input to be one they can see.
const typeOf = (
  { kind = "text", min, max, step = "any" }: FieldProps,
  shown: boolean,
): { type: "search" } => {
  const type = kind === "password" && shown ? "text" : kind;
  const bounds = kind === "number" ? { min, max, step } : {};
  return { type, ...bounds } as { type: "search" };
};

/** Sets an area's height to that of its text, within bounds. */
export function grow(box: Box, [least, most]: readonly [number, number]): void {
  const style = getComputedStyle(box);
  const line = Number.parseFloat(style.lineHeight) || 20;
  const around = box.offsetHeight - box.clientHeight;
  const inside =
    Number.parseFloat(style.paddingTop) + Number.parseFloat(style.paddingBottom) || 0;
  box.style.height = "auto";
  const wanted = box.scrollHeight;
  const [low, high] = [least * line + inside, most * line + inside];
  box.style.height = `${Math.min(Math.max(wanted, low), high) + around}px`;
  box.style.overflowY = wanted > high ? "auto" : "hidden";
}
