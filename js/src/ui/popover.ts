// What opens above everything: in the browser's top layer, where no cell's output and no
// side tab clips it, and yet a child of its view, whose style it keeps.
import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

interface Options {
  /** Align the left or the right edges. */
  align?: "start" | "end";
  /** At least as wide as the anchor. */
  match?: boolean;
}

/** Pixels between popover and anchor, and to the window's edge. */
const GAP = 4;
const EDGE = 8;

// Older browsers have no top layer; there it is clipped where its view is.
const layered = (el: HTMLElement) => "showPopover" in el;

/** Puts `pop` below `anchor`, or above where there is more room. */
export function place(
  pop: HTMLElement,
  anchor: HTMLElement,
  { align, match }: Options,
): void {
  const at = anchor.getBoundingClientRect();
  const { innerWidth: width, innerHeight: height } = window;
  if (match) pop.style.minWidth = `${Math.min(at.width, width - 2 * EDGE)}px`;
  pop.style.maxWidth = `${width - 2 * EDGE}px`;
  const below = height - at.bottom - GAP - EDGE;
  const above = at.top - GAP - EDGE;
  pop.style.setProperty("--pl-room", `${Math.max(below, above)}px`);
  const { offsetWidth, offsetHeight } = pop;
  const up = offsetHeight > below && above > below;
  const left = align === "end" ? at.right - offsetWidth : at.left;
  pop.style.left = `${Math.max(EDGE, Math.min(left, width - offsetWidth - EDGE))}px`;
  pop.style.top = `${up ? at.top - GAP - offsetHeight : at.bottom + GAP}px`;
}

/**
 * Keeps `pop`, whose element has `popover="manual"`, at its anchor while it is open, and
 * calls `onLeave` when something outside of both is pressed.
 */
export function usePopover(
  anchor: RefObject<HTMLElement | null>,
  pop: RefObject<HTMLElement | null>,
  open: boolean,
  onLeave: () => void,
  { align = "start", match = false }: Options = {},
): void {
  // The latest: what was given first knows nothing of what was typed since.
  const leave = useRef(onLeave);
  leave.current = onLeave;
  useLayoutEffect(() => {
    const [below, above] = [anchor.current, pop.current];
    if (!open || !below || !above) return;
    if (layered(above)) above.showPopover();
    const move = () => place(above, below, { align, match });
    move();
    const resized = new ResizeObserver(move);
    resized.observe(above);
    resized.observe(below);
    const ending = new AbortController();
    const { signal } = ending;
    const pressed = (event: Event) => {
      const path = event.composedPath();
      if (!path.includes(above) && !path.includes(below)) leave.current();
    };
    document.addEventListener("pointerdown", pressed, { capture: true, signal });
    document.addEventListener("scroll", move, { capture: true, passive: true, signal });
    window.addEventListener("resize", move, { signal });
    return () => {
      ending.abort();
      resized.disconnect();
      if (layered(above)) above.hidePopover();
    };
  }, [open, align, match]);
}
