import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Icon } from "./icons";
import { move } from "./roving";
import { type Order, pressed, type Sortable, sorted } from "./sorting";

export interface Column<T> {
  key: string;
  label: string;
  /** The value to sort by; also shown, unless there is a `cell`. */
  value?: (row: T) => Sortable;
  cell?: (row: T) => ComponentChildren;
  /** Aligns numbers at the end. */
  align?: "start" | "end";
  /** The column that names the row; the head of its card in a narrow table. */
  main?: boolean;
}

/** Roles for screen readers: the layout as cards removes the table's own. */
const as = (role: string): object => ({ role });

interface Props<T> {
  label: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  rowKey: (row: T) => string;
  /** The keys of the selected rows. */
  selected?: ReadonlySet<string>;
  /** A click, Space or Enter on a row. Without it rows cannot be selected. */
  onSelect?: (row: T, event: MouseEvent | KeyboardEvent) => void;
  order?: Order;
  empty?: ComponentChildren;
}

/** Rows rendered at first, and added each time their end comes near. */
const SOME = 100;

/** A table with sorting and selection; shown as cards where it is narrow. */
export function Table<T>(props: Props<T>) {
  const { label, columns, rows, rowKey, selected, onSelect } = props;
  const [order, setOrder] = useState<Order | null>(props.order ?? null);
  const [limit, setLimit] = useState(SOME);
  const [at, setAt] = useState<string | null>(null);
  const body = useRef<HTMLTableSectionElement>(null);
  const end = useRef<HTMLDivElement>(null);
  const ordered = useMemo(() => {
    const by = columns.find(({ key }) => key === order?.key);
    return sorted(rows, by?.value, order?.down ?? false);
  }, [rows, columns, order]);
  const shown = ordered.slice(0, limit);
  const more = ordered.length > limit;
  useEffect(() => {
    if (!more || !end.current) return;
    const seen = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) setLimit(limit + SOME);
      },
      { rootMargin: "600px" },
    );
    seen.observe(end.current);
    return () => seen.disconnect();
  }, [more, limit]);
  if (rows.length === 0) return <>{props.empty}</>;
  const stop = Math.max(
    0,
    shown.findIndex((row) => rowKey(row) === at),
  );
  const onKeyDown = (event: KeyboardEvent, row: T, index: number) => {
    if (event.target !== event.currentTarget) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      onSelect?.(row, event);
      return;
    }
    const next = move(event.key, index, shown.length);
    if (next === undefined) return;
    event.preventDefault();
    const target = body.current?.rows[next];
    setAt(rowKey(shown[next] as T));
    target?.focus();
  };
  const cell = onSelect ? "gridcell" : "cell";
  return (
    <div
      class="pl-table-box"
      {...(onSelect ? {} : { tabIndex: 0, role: "region", "aria-label": label })}
    >
      <table
        class="pl-rows"
        {...as(onSelect ? "grid" : "table")}
        {...(onSelect && selected && { "aria-multiselectable": true })}
        aria-label={label}
        aria-rowcount={rows.length + 1}
      >
        <thead {...as("rowgroup")}>
          <tr {...as("row")}>
            {columns.map((column) => (
              <Head key={column.key} {...{ column, order, setOrder }} />
            ))}
          </tr>
        </thead>
        <tbody {...as("rowgroup")} ref={body}>
          {shown.map((row, index) => {
            const key = rowKey(row);
            const chosen = selected?.has(key);
            return (
              <tr
                key={key}
                {...as("row")}
                aria-rowindex={index + 2}
                class={chosen ? "pl-selected" : undefined}
                {...(onSelect && {
                  "aria-selected": chosen ?? false,
                  tabIndex: index === stop ? 0 : -1,
                  onClick: (event: MouseEvent) => onSelect(row, event),
                  onFocus: () => setAt(key),
                  onKeyDown: (event: KeyboardEvent) => onKeyDown(event, row, index),
                })}
              >
                {columns.map((column) => (
                  <td
                    key={column.key}
                    {...as(cell)}
                    data-label={column.label}
                    class={classes(column)}
                  >
                    {column.cell ? column.cell(row) : plain(column.value?.(row))}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
      {more && <div ref={end} class="pl-table-more" aria-hidden="true" />}
    </div>
  );
}

function Head<T>({
  column,
  order,
  setOrder,
}: {
  column: Column<T>;
  order: Order | null;
  setOrder: (order: Order | null) => void;
}) {
  const { key, label, value } = column;
  const here = order?.key === key;
  const sort = here ? (order.down ? "descending" : "ascending") : undefined;
  return (
    <th {...as("columnheader")} class={classes(column)} aria-sort={sort}>
      {value ? (
        <button
          type="button"
          class="pl-sort"
          onClick={() => setOrder(pressed(order, key))}
        >
          {label}
          <Icon
            name="sorted"
            class={sort ? `pl-sort-mark pl-${sort}` : "pl-sort-mark"}
          />
        </button>
      ) : (
        label
      )}
    </th>
  );
}

const classes = ({ align, main }: { align?: "start" | "end"; main?: boolean }) =>
  [align === "end" && "pl-end", main && "pl-main"].filter(Boolean).join(" ") ||
  undefined;

const plain = (value: Sortable) =>
  typeof value === "number" ? value.toLocaleString("en") : (value ?? "");
