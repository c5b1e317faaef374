import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { pieces, places } from "./fuzzy";
import { Icon } from "./icons";
import { type Listing, labelOf, type Row } from "./selection";

interface Props {
  id: string;
  label: string;
  listing: Listing;
  query: string;
  active: number;
  chosen: string;
  onPoint: (index: number) => void;
  onTake: (index: number) => void;
}

/** Pixels of a row, as the style has them. */
const ROW = 30;
/** Rows rendered around the visible ones. */
const AROUND = 8;
const SEEN = 12;

/** The list of a select. Only rows near the visible ones are in the page. */
export function Options(props: Props) {
  const { id, listing, active, onPoint, onTake } = props;
  const { rows, entries } = listing;
  const box = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const opened = useRef(false);
  useLayoutEffect(() => {
    const el = box.current;
    if (!el) return;
    const row = entries[active] ?? 0;
    const first = row > 0 && rows[row - 1]?.kind === "group" ? row - 1 : row;
    if (!opened.current) {
      el.scrollTop = Math.max(0, first * ROW - el.clientHeight / 2 + ROW);
      opened.current = true;
    } else if (first * ROW < el.scrollTop) el.scrollTop = first * ROW;
    else if ((row + 1) * ROW > el.scrollTop + el.clientHeight)
      el.scrollTop = (row + 1) * ROW - el.clientHeight;
    setTop(el.scrollTop);
  }, [active, listing]);
  const from = Math.max(0, Math.floor(top / ROW) - AROUND);
  const to = Math.min(rows.length, from + SEEN + 2 * AROUND);
  const kept = entries[active];
  const seen = range(from, to);
  // Screen readers find the active row by its id, visible or not.
  if (kept !== undefined && (kept < from || kept >= to)) seen.push(kept);
  const one = (at: number) => {
    const row = rows[at] as Row;
    const place = { transform: `translateY(${at * ROW}px)` };
    if (row.kind === "group") {
      return (
        <div key={at} class="pl-options-group" role="presentation" style={place}>
          {row.label}
        </div>
      );
    }
    const { index } = row;
    const value = row.kind === "option" ? row.option.value : row.text;
    const isActive = index >= 0 && index === active;
    return (
      // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the field's
      // biome-ignore lint/a11y/useFocusableInteractive: the focus is the field's
      <div
        key={at}
        id={index < 0 ? undefined : `${id}-${index}`}
        class={isActive ? "pl-option pl-option-active" : "pl-option"}
        role="option"
        aria-selected={value === props.chosen}
        aria-disabled={index < 0 || undefined}
        aria-setsize={entries.length}
        aria-posinset={index < 0 ? undefined : index + 1}
        style={place}
        onClick={() => onTake(index)}
        onMouseMove={() => index >= 0 && index !== active && onPoint(index)}
      >
        <Words row={row} query={props.query} />
        {value === props.chosen && <Icon name="check" />}
      </div>
    );
  };
  return (
    <div
      ref={box}
      id={`${id}-list`}
      class="pl-options"
      role="listbox"
      aria-label={props.label}
      tabIndex={-1}
      onScroll={(event) => setTop(event.currentTarget.scrollTop)}
    >
      <div role="presentation" style={{ height: `${rows.length * ROW}px` }}>
        {seen.map(one)}
      </div>
    </div>
  );
}

const range = (from: number, to: number) =>
  Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);

interface WordsProps {
  row: Exclude<Row, { kind: "group" }>;
  query: string;
}

function Words({ row, query }: WordsProps) {
  if (row.kind === "free") {
    return (
      <span class="pl-option-label">
        Use <b>{row.text}</b>
      </span>
    );
  }
  const { option } = row;
  const label = labelOf(option);
  return (
    <>
      <span class="pl-option-label">
        {pieces(label, places(query, label)).map(([text, hit]) =>
          hit ? <b>{text}</b> : text,
        )}
      </span>
      {option.description && (
        <span class="pl-option-description">{option.description}</span>
      )}
    </>
  );
}
