import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { ModelRow } from "../protocol";
import { Icon } from "../ui/icons";
import type { MenuItem } from "../ui/Menu";
import { move } from "../ui/roving";
import type { Actions } from "./actions";
import { COLUMNS, ordered } from "./columns";
import { as, Row } from "./Row";
import type { ModelsModel } from "./reducer";

interface Props {
  model: ModelsModel;
  can: Actions;
  rows: readonly ModelRow[];
  selected: ReadonlySet<string>;
  open: string | null;
  now: number;
  menu: (row: ModelRow) => readonly MenuItem[];
  onSelect: (ids: ReadonlySet<string>) => void;
  onOpen: (id: string) => void;
  onDelete: (ids: readonly string[]) => void;
}

/** Pixels of a row with one line and with two, as the style has them. */
const [ONE, TWO] = [36, 52];
/** Pixels of the box below which a row has two lines. */
const NARROW = 620;
/** Rows rendered beyond the visible ones. */
const AROUND = 6;

/**
 * The table. Only rows near the visible ones are in the page. Arrows move, Enter opens,
 * Space selects, Delete deletes.
 */
export function Grid(props: Props) {
  const { model, can, rows, selected, open, now, menu, onSelect, onOpen } = props;
  const box = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState({ top: 0, height: 480, narrow: false });
  const [at, setAt] = useState<string | null>(null);
  const anchor = useRef<string | null>(null);
  const wanted = useRef(false);
  const height = seen.narrow ? TWO : ONE;
  const measure = () => {
    const el = box.current;
    if (!el) return;
    const narrow = el.clientWidth < NARROW;
    const { scrollTop: top, clientHeight } = el;
    if (top !== seen.top || clientHeight !== seen.height || narrow !== seen.narrow)
      setSeen({ top, height: clientHeight, narrow });
  };
  const measuring = useRef(measure);
  measuring.current = measure;
  useLayoutEffect(() => {
    const resized = new ResizeObserver(() => measuring.current());
    resized.observe(box.current as Element);
    return () => resized.disconnect();
  }, []);
  const indices = useMemo(
    () => new Map(rows.map((row, index) => [row.id, index])),
    [rows],
  );
  const active = indices.get(at ?? "") ?? 0;
  // The focus goes to a row once it is there.
  useLayoutEffect(() => {
    if (!wanted.current) return;
    wanted.current = false;
    box.current?.querySelector<HTMLElement>('.pl-local[tabindex="0"]')?.focus();
  });

  const go = (index: number) => {
    const el = box.current;
    const row = rows[index];
    if (!el || !row) return;
    const head = (el.firstElementChild as HTMLElement).offsetHeight;
    const [above, below] = [index * height, (index + 1) * height];
    if (above < el.scrollTop) el.scrollTop = above;
    else if (below > el.scrollTop + el.clientHeight - head)
      el.scrollTop = below - el.clientHeight + head;
    wanted.current = true;
    setAt(row.id);
    measure();
  };
  const toggle = (id: string, through: boolean) => {
    const next = new Set(selected);
    const [from, to] = [indices.get(anchor.current ?? ""), indices.get(id)];
    if (through && from !== undefined && to !== undefined) {
      const [low, high] = from < to ? [from, to] : [to, from];
      for (const row of rows.slice(low, high + 1)) next.add(row.id);
    } else if (!next.delete(id)) next.add(id);
    anchor.current = id;
    onSelect(next);
  };
  const onKeyDown = (event: KeyboardEvent, row: ModelRow, index: number) => {
    if (event.target !== event.currentTarget) return;
    const { key } = event;
    const page = Math.max(1, Math.floor(seen.height / height) - 2);
    const leap = { PageDown: index + page, PageUp: index - page }[key];
    const next =
      leap === undefined
        ? move(key, index, rows.length)
        : Math.max(0, Math.min(rows.length - 1, leap));
    if (next !== undefined) go(next);
    else if (key === "Enter") onOpen(row.id);
    else if (key === " ") toggle(row.id, event.shiftKey);
    else if (key === "Delete")
      props.onDelete(selected.has(row.id) ? [...selected] : [row.id]);
    else if (key === "a" && (event.ctrlKey || event.metaKey))
      onSelect(new Set(rows.map(({ id }) => id)));
    else return;
    event.preventDefault();
  };

  const first = Math.max(0, Math.floor(seen.top / height) - AROUND);
  const last = Math.min(
    rows.length,
    Math.ceil((seen.top + seen.height) / height) + AROUND,
  );
  const shown = rows
    .slice(first, last)
    .map((row, index) => [row, first + index] as const);
  // The row that has the focus stays, visible or not.
  const kept = rows[active];
  if (kept && (active < first || active >= last)) shown.push([kept, active]);
  const all = rows.length > 0 && rows.every(({ id }) => selected.has(id));
  return (
    <div
      ref={box}
      class="pl-models-grid"
      {...as("grid", {
        "aria-label": "Installed models",
        "aria-multiselectable": true,
        "aria-rowcount": rows.length + 1,
      })}
      onScroll={measure}
    >
      <div {...as("rowgroup")} class="pl-models-head">
        <div {...as("row", { "aria-rowindex": 1 })} class="pl-local">
          <div {...as("columnheader")} class="pl-local-tick">
            <label class="pl-tick">
              <input
                type="checkbox"
                checked={all}
                indeterminate={!all && selected.size > 0}
                aria-label="Select all"
                onClick={() => onSelect(all ? new Set() : new Set(indices.keys()))}
              />
            </label>
          </div>
          {COLUMNS.map(({ key, label }) => (
            <Head key={key} {...{ sorted: key, label, model, can }} />
          ))}
          <div {...as("columnheader")} class="pl-local-menu">
            <span class="pl-hidden">Actions</span>
          </div>
        </div>
      </div>
      <div {...as("rowgroup")} style={{ height: `${rows.length * height}px` }}>
        {shown.map(([row, index]) => (
          <Row
            key={row.id}
            row={row}
            index={index}
            top={index * height}
            active={index === active}
            selected={selected.has(row.id)}
            open={open === row.id}
            now={now}
            doing={model.doing[row.id]}
            update={model.updates[row.id]}
            menu={menu(row)}
            onFocus={() => setAt(row.id)}
            onKeyDown={(event) => onKeyDown(event, row, index)}
            onOpen={() => onOpen(row.id)}
            onTick={(event) => toggle(row.id, event.shiftKey)}
          />
        ))}
      </div>
    </div>
  );
}

interface HeadProps extends Pick<Props, "model" | "can"> {
  sorted: string;
  label: string;
}

function Head({ sorted: key, label, model, can }: HeadProps) {
  const { sort, down } = model.place;
  const way = sort === key ? (down ? "descending" : "ascending") : undefined;
  return (
    <div {...as("columnheader", { "aria-sort": way })} class={`pl-local-${key}`}>
      <button
        type="button"
        class="pl-sort"
        onClick={() => can.place(ordered(model.place, key))}
      >
        {label}
        <Icon name="sorted" class={way ? `pl-sort-mark pl-${way}` : "pl-sort-mark"} />
      </button>
    </div>
  );
}
