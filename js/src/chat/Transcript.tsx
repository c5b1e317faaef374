import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { PartLink } from "../connection";
import type { TurnData } from "../protocol";
import { Icon } from "../ui/icons";
import { AskOther } from "./AskOther";
import type { Actions } from "./actions";
import type { KeptAnswers } from "./answer-cache";
import { Find } from "./Find";
import { type Held, itemOf, move } from "./held";
import type { Step } from "./Pager";
import type { ChatModel } from "./reducer";
import { Turn } from "./Turn";
import { keyOf } from "./turn-props";
import { BEYOND, Heights, lastSpan, type Span, span } from "./virtual-list";

/** Where the reader of a conversation is; it outlives the transcript in the page. */
export interface Place {
  /** Where that is, and in a whole of which height. */
  top: number;
  whole: number;
  height: number;
  /** The end is kept in sight. */
  stick: boolean;
  /** The scroll bar or a finger holds the page. */
  held: boolean;
  /** What is read otherwise, where it begins, and how far below the edge that is. */
  anchor: string;
  at: number;
  offset: number;
  /** What is put at a place, and stays there until the reader goes on. */
  part: Held | null;
}

/** To begin with, the reader is at the end. */
const newPlace = (): Place => ({
  top: 0,
  whole: 0,
  height: 600,
  stick: true,
  held: false,
  anchor: "",
  at: 0,
  offset: 0,
  part: null,
});

/** Where the reader is in each tab. */
export function usePlaces(): (tab: string) => Place {
  const places = useRef(new Map<string, Place>()).current;
  return (tab) => {
    const place = places.get(tab) ?? newPlace();
    places.set(tab, place);
    return place;
  };
}

interface Props {
  chat: ChatModel;
  place: Place;
  busy: boolean;
  actions: Actions;
  kept: KeptAnswers;
  link: PartLink;
  finding: string | null;
  onFound: () => void;
  /** What comes after the last turn. */
  children?: ComponentChildren;
}

const UP = new Set(["ArrowUp", "PageUp", "Home"]);

/** Pixels rendered beyond each edge that are enough: often a few more, never many. */
const ENOUGH = BEYOND - 300;

/** Milliseconds after which a turn that was put somewhere is laid out. */
const SETTLED = 1000;

/** Pixels from the end within which a reader counts as being there. */
const NEAR = 32;

/**
 * The turns, of which only those near the reader are in the page. The end is kept in
 * sight while the reader is there; elsewhere what is read stays where it is, whatever
 * grows or comes before it.
 */
export function Transcript({ chat, place, ...props }: Props) {
  const { busy, actions, kept, link, children, onFound } = props;
  const { turns, earlier, fetching, beside } = chat;
  const now = place;
  const box = useRef<HTMLDivElement>(null);
  const heights = useRef(new Heights()).current;
  const [, redraw] = useState(0);
  const [atEnd, setAtEnd] = useState(now.stick);
  const [fresh, setFresh] = useState(false);
  const release = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(
    () => () => {
      clearTimeout(release.current);
      // Nobody would free it, nor what in the page it knows of.
      now.part = null;
    },
    [],
  );
  const [asking, setAsking] = useState<TurnData | null>(null);

  const keys = turns.map(keyOf);
  const part = now.part;
  const sought = part && turns.find(({ id }) => id === part.turn);
  if (part && sought && now.anchor !== keyOf(sought)) {
    const offset = part.y - heights.get(keyOf(sought));
    Object.assign(now, { stick: false, anchor: keyOf(sought), offset });
  }
  const aim = topOf(keys, heights, now);
  const shown: Span = now.stick
    ? lastSpan(keys, heights, now.height)
    : span(keys, heights, aim, now.height);
  const range = useRef({ shown, aim, count: turns.length });
  range.current = { shown, aim, count: turns.length };

  const items = () => [
    ...(box.current?.querySelectorAll<HTMLElement>("[data-key]") ?? []),
  ];

  /** Notes what the reader looks at. */
  const look = () => {
    const scroller = box.current;
    if (!scroller) return;
    const top = scroller.scrollTop;
    const seen = items().find((item) => item.offsetTop + item.offsetHeight > top);
    now.anchor = seen?.dataset.key ?? "";
    now.at = seen?.offsetTop ?? 0;
    now.offset = now.at - top;
  };

  /** Puts the reader back where they were. */
  const settle = () => {
    const scroller = box.current;
    if (!scroller) return;
    if (now.held) return;
    const item = now.part && itemOf(scroller, now.part.turn);
    if (now.part && item) {
      // What comes next is not held back: only what is being laid out.
      if (move(scroller, item, now.part)) release.current = setTimeout(free, SETTLED);
      look();
    } else if (now.stick) scroller.scrollTop = scroller.scrollHeight;
    else if (now.anchor) {
      const anchor = items().find((item) => item.dataset.key === now.anchor);
      // By as much as it was moved: the reader may have gone on meanwhile.
      if (anchor) scroller.scrollTop += anchor.offsetTop - now.at;
      else scroller.scrollTop = range.current.aim;
      look();
    }
    now.top = scroller.scrollTop;
    now.whole = scroller.scrollHeight;
  };

  const measure = useRef<ResizeObserver>(undefined);
  useEffect(() => {
    const scroller = box.current;
    if (!scroller) return;
    const observer = new ResizeObserver((entries) => {
      for (const { target, borderBoxSize } of entries) {
        const height = borderBoxSize[0]?.blockSize ?? 0;
        const key = (target as HTMLElement).dataset.key;
        if (key === undefined) now.height = height;
        else if (height) heights.set(key, height);
      }
      // Before the frame is painted, so that nothing is seen to jump; also where it is
      // as it was known to be, for it was less until now.
      settle();
      if (!reaches(scroller, range.current)) redraw((n) => n + 1);
    });
    measure.current = observer;
    observer.observe(scroller);
    for (const item of items()) observer.observe(item);
    return () => observer.disconnect();
  }, []);

  useLayoutEffect(() => {
    // A reader who comes back to a place finds the page at its top.
    now.at = now.offset;
    now.held = false;
  }, []);
  useLayoutEffect(() => {
    for (const item of items()) measure.current?.observe(item);
    settle();
  });
  useEffect(() => heights.keep(new Set(keys)), [turns.length]);

  // Whoever asks wants to see the answer.
  const asks = chat.pending?.turn === null;
  useLayoutEffect(() => {
    if (!asks) return;
    now.part = null;
    stay(true);
    redraw((n) => n + 1);
  }, [asks]);

  const last = turns.at(-1);
  const was = useRef({ last, count: turns.length });
  useEffect(() => {
    const { last: old, count } = was.current;
    was.current = { last, count: turns.length };
    const grown =
      last?.id === old?.id
        ? (last?.text.length ?? 0) > (old?.text.length ?? 0)
        : turns.length > count;
    if (grown && !now.stick && !now.part) setFresh(true);
  }, [last?.id, last?.text]);

  const stay = (atEnd: boolean) => {
    now.stick = atEnd;
    setAtEnd(atEnd);
    if (atEnd) setFresh(false);
  };
  /** The reader begins to move up: at once, before what comes can hold them back. */
  const leave = () => {
    const scroller = box.current;
    if (!scroller || !now.stick || scroller.scrollHeight <= scroller.clientHeight)
      return;
    look();
    stay(false);
  };

  /** Asks for more where the reader comes near the first of the turns. */
  const fetch = () => {
    if (earlier && !fetching && !range.current.shown.from && now.top < 2 * BEYOND)
      actions.earlier();
  };
  // Not at once: what it changes is rendered from the root, and Preact may run this in
  // the midst of another rendering. And not again if it fails, which changes nothing.
  useEffect(() => queueMicrotask(fetch), [keys[0], earlier, shown.from]);

  const onScroll = () => {
    const scroller = box.current;
    if (!scroller) return;
    const { scrollTop: top, scrollHeight, clientHeight } = scroller;
    const end = scrollHeight - clientHeight - top;
    if (now.stick) {
      // Not by what has grown or shrunk, so it was somebody: a search in the page.
      if (end >= NEAR && top < now.top - 1 && scrollHeight === now.whole) stay(false);
    } else if (end < NEAR && top > now.top + 1 && !now.held) stay(true);
    now.top = top;
    if (!now.stick) look();
    fetch();
    if (!reaches(scroller, range.current)) redraw((n) => n + 1);
  };

  const letGo = () => {
    if (!now.held) return;
    now.held = false;
    onScroll();
  };
  /** Puts a part of a turn at a place, once the turn is here, and keeps it there. */
  const hold = (held: Held) => {
    now.part = held;
    clearTimeout(release.current);
    redraw((n) => n + 1);
  };
  const free = () => {
    clearTimeout(release.current);
    if (!now.part) return;
    now.part = null;
    const scroller = box.current;
    if (!scroller) return;
    const { scrollTop: top, scrollHeight, clientHeight } = scroller;
    const end = scrollHeight - clientHeight - top;
    // Where it is: what is under the mouse must not move from there.
    if (end < 2) stay(true);
    else setAtEnd(end < NEAR);
  };
  const walk = (turn: number, by: Step, pager: HTMLElement) => {
    const scroller = box.current;
    if (!scroller) return;
    const edge = scroller.getBoundingClientRect().top;
    const find = (item: HTMLElement) => item.querySelector<HTMLElement>(".pl-pager");
    hold({
      turn,
      y: pager.getBoundingClientRect().top - edge,
      rect: (item) => find(item)?.getBoundingClientRect(),
      // The button that was pressed is another one now.
      once: (item) =>
        find(item)
          ?.querySelector<HTMLElement>(`[data-by="${by}"]`)
          ?.focus({ preventScroll: true }),
    });
    void actions.show(turn).then((is) => !is && free());
  };
  /** Deletes a turn; one that is put back is where it was, though much may follow it. */
  const remove = (turn: number) => {
    const scroller = box.current;
    const item = scroller && itemOf(scroller, turn);
    const rect = (item: HTMLElement) => item.getBoundingClientRect();
    const y = item ? rect(item).top - rect(scroller).top : 0;
    actions.remove(turn, () => hold({ turn, y, rect }));
  };
  const toEnd = () => {
    now.part = null;
    stay(true);
    redraw((n) => n + 1);
    box.current?.focus({ preventScroll: true });
  };

  return (
    <div class="pl-transcript">
      {props.finding !== null && (
        <Find
          {...{ chat, box, actions, hold }}
          key={props.finding}
          first={props.finding}
          onClose={onFound}
        />
      )}
      <div
        class="pl-scroller"
        ref={box}
        role="log"
        aria-live="off"
        aria-label="Conversation"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard scrolls it
        tabIndex={0}
        onScroll={onScroll}
        onWheel={(event) => {
          free();
          if (event.deltaY < 0) leave();
        }}
        onKeyDown={(event) => {
          free();
          if (UP.has(event.key)) leave();
        }}
        onPointerDown={(event) => {
          free();
          now.held = event.target === box.current || event.pointerType === "touch";
          if (now.held) leave();
        }}
        onPointerUp={letGo}
        onPointerCancel={letGo}
        onTouchEnd={letGo}
      >
        {earlier > 0 && shown.from === 0 && (
          <div class="pl-earlier">
            <button
              type="button"
              class="pl-link"
              onClick={actions.earlier}
              disabled={fetching}
            >
              {fetching ? "Loading earlier turns…" : `${earlier} earlier turns`}
            </button>
          </div>
        )}
        <div style={{ height: `${shown.before}px` }} />
        {turns.slice(shown.from, shown.to).map((turn, index) => (
          <div class="pl-item" key={keyOf(turn)} data-key={keyOf(turn)}>
            <Turn
              turn={turn}
              following={turns.length - shown.from - index - 1}
              busy={busy}
              beside={beside?.turn === turn.id ? beside.other : null}
              actions={actions}
              kept={kept}
              link={link}
              onWalk={walk}
              onAskOther={setAsking}
              onRemove={remove}
            />
          </div>
        ))}
        <div style={{ height: `${shown.after}px` }} />
        {children}
      </div>
      <button
        type="button"
        class={atEnd ? "pl-jump pl-jump-away" : "pl-jump"}
        onClick={toEnd}
      >
        <Icon name="chevron" />
        {fresh ? "New below" : "Newest"}
      </button>
      <AskOther
        chat={chat}
        turn={asking}
        busy={busy}
        actions={actions}
        onClose={() => setAsking(null)}
      />
    </div>
  );
}

/** Where the reader is, told from the turn they look at: others may have come before. */
function topOf(
  keys: readonly string[],
  heights: Heights,
  { anchor, offset, top }: { anchor: string; offset: number; top: number },
): number {
  const at = keys.indexOf(anchor);
  if (at < 0) return top;
  return keys.slice(0, at).reduce((sum, key) => sum + heights.get(key), 0) - offset;
}

/** Whether what is rendered reaches far enough beyond what is seen. */
function reaches(
  scroller: HTMLElement,
  { shown, count }: { shown: Span; count: number },
): boolean {
  const { scrollTop: top, clientHeight, scrollHeight } = scroller;
  const above = top - shown.before;
  const below = scrollHeight - shown.after - top - clientHeight;
  return (shown.from === 0 || above > ENOUGH) && (shown.to === count || below > ENOUGH);
}
