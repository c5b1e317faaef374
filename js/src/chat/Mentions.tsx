import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { MentionData, MentionOffer } from "../protocol";
import { count } from "../ui/amounts";
import { insert } from "../ui/editing";
import { Icon } from "../ui/icons";
import { useId } from "../ui/ids";
import { usePopover } from "../ui/popover";
import type { Actions } from "./actions";
import { mayMention, mentionAt, type Typed } from "./mention-words";

/** Milliseconds after the last key until the kernel is asked what may follow. */
const PAUSE = 60;

/** And until it is asked what would be sent, for which it describes values. */
const LONG_PAUSE = 400;

/** Characters of a text whose mentions are shown while it is written. */
const LONGEST = 200_000;

export interface MentionList {
  open: boolean;
  offers: readonly MentionOffer[];
  active: number;
  id: string;
  aria: object;
  box: RefObject<HTMLTextAreaElement | null>;
  /** The text or the caret has changed. */
  onCaret(): void;
  /** Whether a key was for the list. */
  onKey(event: KeyboardEvent): boolean;
  point(index: number): void;
  take(index: number): void;
  close(): void;
}

/** The list of names that `@` opens in the composer. */
export function useMentions(
  actions: Actions,
  box: RefObject<HTMLTextAreaElement | null>,
): MentionList {
  const id = useId();
  const [mention, setMention] = useState<Typed | null>(null);
  const [offers, setOffers] = useState<readonly MentionOffer[]>([]);
  const [moved, setMoved] = useState<number | null>(null);
  /** Where a mention is that was taken or left: its list stays closed. */
  const left = useRef<number | null>(null);
  const typed = mention?.typed ?? null;
  useEffect(() => {
    if (typed === null) {
      setOffers([]);
      return;
    }
    let ended = false;
    const timer = setTimeout(() => {
      actions
        .names(typed)
        .then((found) => {
          if (ended) return;
          setOffers(found);
          setMoved(null);
        })
        .catch(() => {});
    }, PAUSE);
    return () => {
      ended = true;
      clearTimeout(timer);
    };
  }, [typed]);
  const open = mention !== null && offers.length > 0;
  // Enter sends what is whole already, and what only looks like one of the names.
  const begins = (text: string) =>
    text.toLowerCase().startsWith((typed ?? "").toLowerCase());
  const sure =
    offers[0] !== undefined && offers[0].text !== typed && begins(offers[0].text);
  const active = Math.min(moved ?? (sure ? 0 : -1), offers.length - 1);
  const close = () => {
    left.current = mention?.at ?? null;
    setMention(null);
  };
  const take = (index: number) => {
    const offer = offers[index];
    const field = box.current;
    if (!offer || !field || !mention) return;
    const end = mention.at + 1 + mention.typed.length;
    left.current = mention.at;
    setMention(null);
    field.focus();
    field.setSelectionRange(mention.at + 1, end);
    insert(field, offer.text);
    setMention(null);
  };
  return {
    open,
    offers,
    active,
    id,
    box,
    close,
    take,
    point: setMoved,
    aria: {
      "aria-autocomplete": "list",
      ...(open && { "aria-controls": `${id}-list` }),
      ...(open && active >= 0 && { "aria-activedescendant": `${id}-${active}` }),
    },
    onCaret() {
      const field = box.current;
      if (!field) return;
      const { value, selectionStart, selectionEnd } = field;
      const next =
        selectionStart === selectionEnd ? mentionAt(value, selectionEnd) : null;
      if (next === null || next.at !== left.current) left.current = null;
      // A step after what was taken opens the list anew: its columns, its keys.
      else if (/[.[]$/.test(next.typed)) left.current = null;
      setMention(left.current === null ? next : null);
    },
    onKey(event) {
      if (!open || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey)
        return false;
      const { key } = event;
      const length = offers.length;
      if (key === "ArrowDown") setMoved((active + 1) % length);
      else if (key === "ArrowUp") setMoved(active <= 0 ? length - 1 : active - 1);
      else if (key === "Tab") take(Math.max(0, active));
      else if (key === "Enter" && active >= 0) take(active);
      else if (key === "Escape") close();
      else return false;
      event.preventDefault();
      event.stopPropagation();
      return true;
    },
  };
}

/** The list itself, below or above the composer. */
export function Mentions({ list }: { list: MentionList }) {
  const { open, offers, active, id, box } = list;
  const pop = useRef<HTMLDivElement>(null);
  const chosen = useRef<HTMLDivElement>(null);
  usePopover(box, pop, open, list.close);
  useEffect(() => chosen.current?.scrollIntoView({ block: "nearest" }), [active]);
  return (
    <>
      <span class="pl-hidden" role="status">
        {open && `${offers.length} ${offers.length === 1 ? "name" : "names"}`}
      </span>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: it hears to stay out of it */}
      <div
        ref={pop}
        popover="manual"
        class="pl-pop pl-mention-list"
        // Keep the focus in the field.
        onMouseDown={(event) => event.preventDefault()}
      >
        {open && (
          <div
            id={`${id}-list`}
            class="pl-mention-offers"
            role="listbox"
            aria-label="Names of the notebook"
            tabIndex={-1}
          >
            {offers.map(({ text, about }, index) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the field's
              // biome-ignore lint/a11y/useFocusableInteractive: the focus is the field's
              <div
                key={text}
                ref={index === active ? chosen : null}
                id={`${id}-${index}`}
                role="option"
                aria-selected={index === active}
                class={
                  index === active
                    ? "pl-mention-offer pl-mention-active"
                    : "pl-mention-offer"
                }
                onClick={() => list.take(index)}
                onMouseMove={() => index !== active && list.point(index)}
              >
                <span class="pl-mention-name">@{text}</span>
                <span class="pl-mention-about">{about}</span>
              </div>
            ))}
          </div>
        )}
        {open && (
          <div class="pl-mention-foot">
            {active < 0 ? "Tab takes the first" : "Tab or Enter takes it"} · Esc leaves
            the text as it is
          </div>
        )}
      </div>
    </>
  );
}

/** What the text so far mentions, as the kernel would send it now. */
export function useMentioned(
  actions: Actions,
): [readonly MentionData[], (text: string) => void] {
  const [text, setText] = useState("");
  const [found, setFound] = useState<readonly MentionData[]>([]);
  useEffect(() => {
    if (!text) {
      setFound([]);
      return;
    }
    const ending = new AbortController();
    const timer = setTimeout(() => {
      actions
        .mentions(text, ending.signal)
        .then((mentions) => !ending.signal.aborted && setFound(mentions))
        .catch(() => {});
    }, LONG_PAUSE);
    return () => {
      ending.abort();
      clearTimeout(timer);
    };
  }, [text]);
  const put = (next: string) =>
    setText(next.length <= LONGEST && mayMention(next) ? next : "");
  return [found, put];
}

/** What is sent with the question: a chip for each mention. */
export function Mentioned({ mentions }: { mentions: readonly MentionData[] }) {
  return (
    <ul class="pl-mentioned" aria-label="Sent with the question" aria-live="polite">
      {mentions.map(({ path, about, tokens, picture, problem }) => (
        <li key={path} class={problem ? "pl-mention pl-mention-not" : "pl-mention"}>
          {problem ? (
            <>
              <Icon name="warning" />
              <span>{problem}</span>
            </>
          ) : (
            <>
              <span class="pl-mention-path">@{path}</span>
              <span class="pl-mention-about">
                {about}
                {picture && ", as a picture"}
              </span>
              <span class="pl-mention-tokens">{count(tokens)} tokens</span>
            </>
          )}
        </li>
      ))}
    </ul>
  );
}
