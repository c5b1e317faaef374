import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { move } from "./roving";

/** Roles for screen readers: rows at places of their own are no table's. */
export const as = (role: string, aria: object = {}): object => ({ role, ...aria });

/** What a row needs of the list it is in. */
export interface Place {
  index: number;
  top: number;
  /** The row that Tab finds. */
  active: boolean;
  onFocus: () => void;
  onKeyDown: (event: KeyboardEvent) => void;
}

interface Props {
  label: string;
  count: number;
  /** Pixels of a row, as the style has them. */
  height: number;
  /** Several rows can be selected. */
  several?: boolean;
  class?: string;
  children: (place: Place) => ComponentChildren;
  /** The rows that are seen, and some around them. */
  onSee?: (first: number, last: number) => void;
  /** A key that is not for moving; true if it was for the row. */
  onKey: (key: string, index: number, event: KeyboardEvent) => boolean;
  /** Another value scrolls to the top. */
  anew?: string;
  /** The row to begin with. */
  start?: number;
}

/** Rows rendered beyond the visible ones. */
const AROUND = 6;

/** A list of which only the rows near the visible ones are in the page. */
export function Virtual(props: Props) {
  const { count, height, onSee, onKey, anew, start = 0 } = props;
  const box = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState({ top: 0, height: 480 });
  const [at, setAt] = useState(start);
  const wanted = useRef(false);
  const measure = () => {
    const el = box.current;
    // Hidden in another tab it has no height.
    if (!el?.clientHeight) return;
    const { scrollTop: top, clientHeight } = el;
    if (top !== seen.top || clientHeight !== seen.height)
      setSeen({ top, height: clientHeight });
  };
  const measuring = useRef(measure);
  measuring.current = measure;
  useLayoutEffect(() => {
    const resized = new ResizeObserver(() => measuring.current());
    resized.observe(box.current as Element);
    return () => resized.disconnect();
  }, []);
  useLayoutEffect(() => {
    if (!box.current || anew === undefined) return;
    box.current.scrollTop = 0;
    setAt(0);
    measure();
  }, [anew]);
  // The focus goes to a row once it is there.
  useLayoutEffect(() => {
    if (!wanted.current) return;
    const row = box.current?.querySelector<HTMLElement>('[role="row"][tabindex="0"]');
    if (!row) return;
    wanted.current = false;
    row.focus({ preventScroll: true });
  });
  const active = Math.max(0, Math.min(at, count - 1));
  const first = Math.max(0, Math.floor(seen.top / height) - AROUND);
  const last = Math.min(count, Math.ceil((seen.top + seen.height) / height) + AROUND);
  useLayoutEffect(() => onSee?.(first, last), [first, last, count, anew]);

  const go = (index: number) => {
    const el = box.current;
    if (!el) return;
    const [above, below] = [index * height, (index + 1) * height];
    if (above < el.scrollTop) el.scrollTop = above;
    else if (below > el.scrollTop + el.clientHeight)
      el.scrollTop = below - el.clientHeight;
    wanted.current = true;
    setAt(index);
    measure();
  };
  const onKeyDown = (event: KeyboardEvent, index: number) => {
    if (event.target !== event.currentTarget) return;
    const { key } = event;
    const page = Math.max(1, Math.floor(seen.height / height) - 1);
    const leap = { PageDown: index + page, PageUp: index - page }[key];
    const next =
      leap === undefined
        ? move(key, index, count)
        : Math.max(0, Math.min(count - 1, leap));
    // A key that is held moves on, but is for one row only.
    const once = event.repeat && (key === "Delete" || key === "Enter");
    if (next !== undefined) go(next);
    else if (!once && !onKey(key, index, event)) return;
    event.preventDefault();
  };
  const shown = Array.from({ length: Math.max(0, last - first) }, (_, n) => first + n);
  // The row that has the focus stays, visible or not.
  if (count > 0 && (active < first || active >= last)) shown.push(active);
  return (
    <div
      ref={box}
      class={["pl-virtual", props.class].filter(Boolean).join(" ")}
      {...as("grid", {
        "aria-label": props.label,
        "aria-rowcount": count,
        ...(props.several && { "aria-multiselectable": true }),
      })}
      onScroll={measure}
    >
      <div {...as("rowgroup")} style={{ height: `${count * height}px` }}>
        {shown.map((index) =>
          props.children({
            index,
            top: index * height,
            active: index === active,
            onFocus: () => setAt(index),
            onKeyDown: (event) => onKeyDown(event, index),
          }),
        )}
      </div>
    </div>
  );
}
