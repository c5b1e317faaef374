import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { FoundTurns } from "../protocol";
import { IconButton } from "../ui/Button";
import { isTyping } from "../ui/editing";
import { Icon } from "../ui/icons";
import type { Actions } from "./actions";
import { hitsIn, Marks, patternOf } from "./find-marks";
import { type Held, itemOf } from "./held";
import type { ChatModel } from "./reducer";

interface Props {
  chat: ChatModel;
  /** What is looked for at first. */
  first: string;
  /** The element that the turns scroll in. */
  box: RefObject<HTMLElement | null>;
  actions: Actions;
  /** Puts a part of a turn at a place. */
  hold: (held: Held) => void;
  onClose: () => void;
}

/** Milliseconds after the last key until the kernel is asked. */
const PAUSE = 150;

const FIELD = "pl-find-text";

/** Whether a key opens the search: not in its own field, which has it already, and not
 * behind a dialog. */
export function findKeys(event: KeyboardEvent): boolean {
  const { key, ctrlKey, metaKey, shiftKey, altKey, target } = event;
  if (key.toLowerCase() !== "f" || ctrlKey === metaKey || shiftKey || altKey)
    return false;
  return !(target as Element).closest(`.${FIELD}, dialog`);
}

/** Where one is among what was found. */
interface At {
  /** The number of the turn among those that were found. */
  turn: number;
  /** The number of the hit in it; -1 is its last. */
  hit: number;
}

/** Finds a text in all turns of the conversation, also in those that the page lacks. */
export function Find({ chat, first, box, actions, hold, onClose }: Props) {
  const [query, setQuery] = useState(first);
  const [found, setFound] = useState<FoundTurns | null>(null);
  const [problem, setProblem] = useState("");
  const [at, setAt] = useState<At>({ turn: 0, hit: 0 });
  const field = useRef<HTMLInputElement>(null);
  const before = useRef<Element | null>(null);
  const marks = useRef(new Marks()).current;
  /** The query that the reader was taken to a hit of. */
  const taken = useRef("");
  const pattern = patternOf(query);

  useLayoutEffect(() => {
    before.current = document.activeElement;
    field.current?.focus();
    return () => {
      marks.clear();
      const last = before.current;
      if (last instanceof HTMLElement && last.isConnected)
        last.focus({ preventScroll: true });
    };
  }, []);

  /** The turns of what the kernel has found, those that were deleted since left out. */
  const turns = found?.turns ?? [];
  const now = useRef({ at, turns });
  now.current = { at, turns };
  const hitsOf = (turn: number | undefined) => {
    const scroller = box.current;
    const item = turn !== undefined && scroller && itemOf(scroller, turn);
    return item && pattern ? hitsIn(item, pattern) : [];
  };
  const hitOf = (hits: Range[], { hit }: At) => hits.at(hit) ?? hits.at(-1);

  /** Marks all hits in the page; the one that the reader is at stands out. */
  const mark = () => {
    const scroller = box.current;
    if (!scroller || !pattern) return marks.clear();
    const all = [...scroller.querySelectorAll<HTMLElement>("[data-key]")];
    const now = hitOf(hitsOf(turns[at.turn]), at);
    marks.show(
      all.flatMap((item) => hitsIn(item, pattern)),
      now,
    );
  };
  const latest = useRef(mark);
  latest.current = mark;
  useLayoutEffect(mark);
  useEffect(() => {
    const scroller = box.current;
    if (!scroller) return;
    let frame = 0;
    const watch = new MutationObserver(() => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => latest.current());
    });
    watch.observe(scroller, { childList: true, characterData: true, subtree: true });
    return () => {
      watch.disconnect();
      cancelAnimationFrame(frame);
    };
  }, []);

  const go = async (to: At, among = turns) => {
    const turn = among[to.turn];
    setAt(to);
    if (turn === undefined) return;
    hold({
      turn,
      y: Math.round((box.current?.clientHeight ?? 300) / 3),
      rect: (item) => {
        const range = pattern && hitOf(hitsIn(item, pattern), to);
        const [own, hit] = [
          item.getBoundingClientRect(),
          range?.getBoundingClientRect(),
        ];
        // A hit in what is folded is not seen: the turn is, then.
        return hit && hit.bottom <= own.bottom ? hit : own;
      },
    });
    if (!(await actions.reach(turn))) setProblem("That turn cannot be shown.");
  };

  const step = (by: 1 | -1) => {
    if (!turns.length) return;
    const hits = hitsOf(turns[at.turn]).length;
    const hit = (at.hit < 0 ? hits - 1 : at.hit) + by;
    if (hit >= 0 && hit < hits) void go({ turn: at.turn, hit });
    else {
      const turn = (at.turn + by + turns.length) % turns.length;
      void go({ turn, hit: by > 0 ? 0 : -1 });
    }
  };

  useEffect(() => {
    setProblem("");
    if (!pattern) {
      taken.current = "";
      setFound(null);
      return;
    }
    const ending = new AbortController();
    const timer = setTimeout(async () => {
      try {
        const result = await actions.find(query, ending.signal);
        const { at, turns } = now.current;
        setFound(result);
        const from = (id: number) => {
          const next = result.turns.findIndex((each) => each >= id);
          return Math.max(0, next);
        };
        if (taken.current === query) {
          // Only the turns have changed: the reader stays where they are.
          const turn = from(turns[at.turn] ?? 0);
          setAt({ turn, hit: result.turns[turn] === turns[at.turn] ? at.hit : 0 });
          return;
        }
        taken.current = query;
        // From where the reader is, as they look for what comes next.
        void go({ turn: from(firstSeen(box.current)), hit: 0 }, result.turns);
      } catch (error) {
        if (ending.signal.aborted) return;
        setFound(null);
        setProblem((error as Error).message || "The kernel does not answer.");
      }
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      ending.abort();
    };
  }, [query, chat.turns.length]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (isTyping(event)) return;
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      onClose();
    } else if (event.key === "Enter" && event.target === field.current) {
      event.preventDefault();
      step(event.shiftKey ? -1 : 1);
    }
  };
  const words = problem || (found ? countOf(found, at.turn) : "");
  return (
    // biome-ignore lint/a11y/useSemanticElements: <search> is not everywhere yet
    <div class="pl-find" role="search" aria-label="Chat" onKeyDown={onKeyDown}>
      <Icon name="search" class="pl-find-icon" />
      <input
        ref={field}
        class={FIELD}
        type="text"
        aria-label="Find in this chat"
        placeholder="Find in this chat"
        autocomplete="off"
        spellcheck={false}
        maxLength={500}
        value={query}
        onInput={(event) => setQuery(event.currentTarget.value)}
      />
      <span
        class="pl-quiet pl-find-count"
        role="status"
        title={found?.hits ? `${found.hits} ${found.hits === 1 ? "hit" : "hits"}` : ""}
      >
        {words}
      </span>
      <IconButton
        icon="sorted"
        label="Previous hit"
        disabled={!turns.length}
        onClick={() => step(-1)}
      />
      <IconButton
        icon="sorted"
        class="pl-find-next"
        label="Next hit"
        disabled={!turns.length}
        onClick={() => step(1)}
      />
      <IconButton icon="close" label="Close the search" onClick={onClose} />
    </div>
  );
}

const countOf = ({ turns }: FoundTurns, at: number): string => {
  if (!turns.length) return "Nothing found";
  return `${at + 1} of ${turns.length} ${turns.length === 1 ? "turn" : "turns"}`;
};

/** The id of the first turn that is seen. */
function firstSeen(scroller: HTMLElement | null): number {
  const top = scroller?.getBoundingClientRect().top ?? 0;
  const items = [...(scroller?.querySelectorAll<HTMLElement>("[data-key]") ?? [])];
  const seen = items.find((item) => item.getBoundingClientRect().bottom > top);
  return Number.parseInt(seen?.dataset.key ?? "0", 10);
}
