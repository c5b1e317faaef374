// How high a chat is: as high as its pane allows, or as the reader has chosen.
import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

/** Pixels. */
const LEAST = 260;
const MOST = 2000;
const STEP = 24;

/** Where the browser keeps the chosen height, for this tab and until it is closed. */
const KEY = "parllama_nb.chat-height";

/** Where JupyterLab scrolls a notebook's cells, and an output in a tab of its own. */
const PANES = ".jp-WindowedPanel-outer, .jp-LinkedOutputView";

/** The height that was chosen in this tab of the browser; undefined if none was. */
function remembered(): number | undefined {
  try {
    return Number(sessionStorage.getItem(KEY)) || undefined;
  } catch {
    // A frame without an origin has no storage.
    return undefined;
  }
}

function remember(height: number | undefined): void {
  try {
    if (height === undefined) sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, String(height));
  } catch {}
}

interface Height {
  /** What the reader has chosen; undefined leaves it to the pane. */
  chosen: number | undefined;
  /** What it is now. */
  now: number;
  choose: (height: number | undefined) => void;
}

/** The height of `box`, whose style gets that of its pane as `--pl-pane`. */
export function useHeight(box: RefObject<HTMLElement | null>): Height {
  const [chosen, setChosen] = useState(remembered);
  const [now, setNow] = useState(chosen ?? LEAST);
  useEffect(() => {
    const chat = box.current as HTMLElement;
    let pane: Element | null = null;
    const observer = new ResizeObserver(() => {
      // Found anew each time: a view is made before it is in its pane, and may be moved.
      const within = chat.closest(PANES);
      if (within !== pane) {
        if (pane) observer.unobserve(pane);
        if (within) observer.observe(within);
        pane = within;
      }
      // A pane that is hidden has no height.
      if (pane?.clientHeight)
        chat.style.setProperty("--pl-pane", `${pane.clientHeight}px`);
      if (chat.offsetHeight) setNow(chat.offsetHeight);
    });
    observer.observe(chat);
    return () => observer.disconnect();
  }, []);
  const choose = (height: number | undefined) => {
    const within = height && Math.round(Math.min(Math.max(height, LEAST), MOST));
    setChosen(within);
    remember(within);
  };
  return { chosen, now, choose };
}

/** The edge that is dragged, or moved by the arrow keys; Enter and a double click undo. */
export function HeightHandle({ now, choose }: Height) {
  const grip = useRef<{ y: number; height: number }>(undefined);
  const onKeyDown = (event: KeyboardEvent) => {
    const heights: Record<string, number | undefined> = {
      ArrowDown: now + STEP,
      ArrowUp: now - STEP,
      PageDown: now + 5 * STEP,
      PageUp: now - 5 * STEP,
      Home: LEAST,
      End: MOST,
      Enter: undefined,
    };
    if (!(event.key in heights)) return;
    event.preventDefault();
    choose(heights[event.key]);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: an <hr> is not for moving
    <div
      class="pl-height"
      role="separator"
      aria-orientation="horizontal"
      aria-label="Height of the chat"
      aria-valuemin={LEAST}
      aria-valuemax={MOST}
      aria-valuenow={now}
      aria-valuetext={`${now} pixels`}
      title="Drag, or press the up and down arrow keys; Enter fits the page again"
      tabIndex={0}
      onKeyDown={onKeyDown}
      onDblClick={() => choose(undefined)}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        grip.current = { y: event.clientY, height: now };
      }}
      onPointerMove={({ clientY }) => {
        if (grip.current) choose(grip.current.height + clientY - grip.current.y);
      }}
      onLostPointerCapture={() => {
        grip.current = undefined;
      }}
    />
  );
}
