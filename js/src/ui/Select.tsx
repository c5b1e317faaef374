import { useLayoutEffect, useMemo, useReducer, useRef } from "preact/hooks";
import { Dots } from "./Dots";
import { isTyping } from "./editing";
import { Icon } from "./icons";
import { useId } from "./ids";
import { Options } from "./Options";
import { usePopover } from "./popover";
import {
  closed,
  entryOf,
  type Free,
  labelOf,
  listing,
  type Option,
  pick,
  searchable,
} from "./selection";

export interface SelectProps {
  label: string;
  value: string;
  options: readonly Option[];
  /** `left`: it was typed and left without Enter, which a `free` of "first" takes. */
  onSelect: (value: string, left?: boolean) => void;
  /** What is being typed; "" once it is over. */
  onType?: (text: string) => void;
  hideLabel?: boolean;
  hint?: string | undefined;
  error?: string | undefined;
  placeholder?: string;
  /** A value that is not among the options may be typed; "first": it is offered first. */
  free?: Free;
  /** More options are on their way. */
  loading?: boolean;
  /** The text shown if no option matches. */
  empty?: string;
  disabled?: boolean;
  /** The list was opened: load the options now. */
  onOpen?: () => void;
}

const KEYS = new Set(["ArrowDown", "ArrowUp", "PageDown", "PageUp"]);

/** A select with search: type to filter, choose with arrows and Enter or a click. */
export function Select(props: SelectProps) {
  const { label, value, options, free = false, hint, error } = props;
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const pop = useRef<HTMLDivElement>(null);
  const [state, act] = useReducer(pick, closed);
  const { open, query } = state;
  const found = useMemo(() => searchable(options), [options]);
  const shown = useMemo(
    () => (open ? listing(found, query ?? "", free) : { rows: [], entries: [] }),
    [open, found, query, free],
  );
  const active = Math.min(state.active, shown.entries.length - 1);
  // Options that arrive later do not change which one is active.
  const pointed = useRef<{ query: string | null; value: string } | null>(null);
  useLayoutEffect(() => {
    const { query: before, value: kept } = pointed.current ?? {};
    if (!open || before !== query || kept === undefined) return;
    const index = entryOf(shown, kept);
    if (index >= 0 && index !== active) act({ type: "point", at: index });
  }, [shown]);
  useLayoutEffect(() => {
    const row = shown.rows[shown.entries[active] ?? -1];
    pointed.current =
      row?.kind === "option" ? { query, value: row.option.value } : null;
  });
  const chosen = useMemo(
    () => options.find((option) => option.value === value),
    [options, value],
  );
  const close = () => {
    act({ type: "close" });
    props.onType?.("");
  };
  const leave = () => {
    const typed = query?.trim();
    close();
    // A name that was typed in full is not lost to whoever does not press Enter.
    if (free === "first" && typed && typed !== value) props.onSelect(typed, true);
  };
  usePopover(box, pop, open, leave, { match: true });

  const show = () => {
    if (props.disabled || open) return;
    props.onOpen?.();
    act({ type: "open", at: entryOf(listing(found, "", false), value) });
    input.current?.select();
  };
  const take = (index: number) => {
    const row = shown.rows[shown.entries[index] ?? -1];
    if (!row || row.kind === "group") return;
    close();
    const taken = row.kind === "free" ? row.text : row.option.value;
    if (taken !== value) props.onSelect(taken);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (isTyping(event)) return;
    const { key } = event;
    if (KEYS.has(key)) {
      event.preventDefault();
      if (!open) show();
      else act({ type: "key", key, count: shown.entries.length });
    } else if (key === "Enter") {
      // Also where it opens the list: a form around it would be sent.
      event.preventDefault();
      if (open && active >= 0) take(active);
      else if (!open) show();
    } else if (key === "Escape" && open) {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  };
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean);
  return (
    <div class={error ? "pl-field pl-field-wrong" : "pl-field"}>
      <label class={props.hideLabel ? "pl-hidden" : "pl-label"} for={id}>
        {label}
      </label>
      <div class="pl-input-box" ref={box}>
        <input
          ref={input}
          id={id}
          class="pl-input pl-select"
          type="text"
          role="combobox"
          aria-expanded={open}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={open && active >= 0 ? `${id}-${active}` : undefined}
          aria-invalid={error ? true : undefined}
          aria-describedby={described.join(" ") || undefined}
          autocomplete="off"
          spellcheck={false}
          disabled={props.disabled}
          placeholder={props.placeholder}
          value={query ?? (chosen ? labelOf(chosen) : value)}
          onClick={show}
          onInput={(event) => {
            if (!open) props.onOpen?.();
            const text = event.currentTarget.value;
            act({ type: "type", text });
            props.onType?.(text.trim());
          }}
          onKeyDown={onKeyDown}
          onBlur={leave}
        />
        {props.loading && !open && <Dots />}
        <Icon name="chevron" class="pl-select-mark" />
      </div>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: it hears to stay out of it */}
      <div
        ref={pop}
        popover="manual"
        class="pl-pop pl-options-pop"
        // Keep the focus in the field.
        onMouseDown={(event) => event.preventDefault()}
      >
        {open && (
          <Options
            id={id}
            label={label}
            listing={shown}
            query={query ?? ""}
            active={active}
            chosen={value}
            onPoint={(index) => act({ type: "point", at: index })}
            onTake={take}
          />
        )}
        {open && (props.loading || shown.rows.length === 0) && (
          <div class="pl-options-note" role="status">
            {props.loading ? (
              <>
                <Dots /> Looking for more…
              </>
            ) : (
              (props.empty ?? "No match.")
            )}
          </div>
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
