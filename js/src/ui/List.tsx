import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { focusAt, move, typed } from "./roving";

interface Props<T> {
  label: string;
  items: readonly T[];
  itemKey: (item: T) => string;
  /** The text by which typing finds an entry. */
  itemLabel: (item: T) => string;
  children: (item: T) => ComponentChildren;
  /** The key of the selected entry. */
  selected?: string | null;
  onSelect: (item: T) => void;
  /** Buttons at an entry's end; Tab goes from an entry to its own. */
  actions?: (item: T) => ComponentChildren;
  empty?: ComponentChildren;
}

/** A list; arrows move the focus, Enter or a click selects. */
export function List<T>(props: Props<T>) {
  const { items, itemKey, itemLabel, selected, onSelect, actions } = props;
  const box = useRef<HTMLUListElement>(null);
  const [at, setAt] = useState<string | null>(null);
  const keys = items.map(itemKey);
  const stop = Math.max(
    0,
    [at, selected].map((key) => keys.indexOf(key ?? "")).find((found) => found >= 0) ??
      0,
  );
  if (items.length === 0) return <>{props.empty}</>;
  const go = (index: number) => {
    setAt(keys[index] ?? null);
    focusAt(box.current, ".pl-list-entry", index);
  };
  return (
    <ul class="pl-list" ref={box} aria-label={props.label}>
      {items.map((item, index) => (
        <li
          key={keys[index]}
          class={keys[index] === selected ? "pl-list-row pl-selected" : "pl-list-row"}
        >
          <button
            type="button"
            class="pl-list-entry"
            aria-current={keys[index] === selected || undefined}
            tabIndex={index === stop ? 0 : -1}
            onFocus={() => setAt(keys[index] ?? null)}
            onClick={() => onSelect(item)}
            onKeyDown={(event) => {
              if (event.ctrlKey || event.metaKey || event.altKey) return;
              const next = move(event.key, index, items.length);
              const found = next ?? typed(event.key, index, items.map(itemLabel));
              if (found < 0) return;
              event.preventDefault();
              go(found);
            }}
          >
            {props.children(item)}
          </button>
          {actions && <div class="pl-list-actions">{actions(item)}</div>}
        </li>
      ))}
    </ul>
  );
}
