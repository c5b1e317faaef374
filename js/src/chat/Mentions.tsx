import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { MentionData, MentionOffer } from "../protocol";
import { count } from "../ui/amounts";
import { insert } from "../ui/editing";
import { Icon } from "../ui/icons";
import type { Actions } from "./actions";
import { mayMention, mentionAt, type Typed } from "./mention-words";
import type { Offer } from "./Suggestions";

/** Milliseconds after the last key until the kernel is asked what may follow. */
const PAUSE = 60;

/** And until it is asked what would be sent, for which it describes values. */
const LONG_PAUSE = 400;

/** Characters of a text whose mentions are shown while it is written. */
const LONGEST = 200_000;

export interface MentionOffers {
  offer: Offer | null;
  /** The text or the caret has changed. */
  onCaret(): void;
}

/** The list of names that `@` opens in the composer. */
export function useMentions(
  actions: Actions,
  box: RefObject<HTMLTextAreaElement | null>,
): MentionOffers {
  const [mention, setMention] = useState<Typed | null>(null);
  const [offers, setOffers] = useState<readonly MentionOffer[]>([]);
  /** Where a mention is that was taken: its list stays closed. */
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
        .then((found) => !ended && setOffers(found))
        .catch(() => {});
    }, PAUSE);
    return () => {
      ended = true;
      clearTimeout(timer);
    };
  }, [typed]);
  const take = (text: string) => {
    const field = box.current;
    if (!field || !mention) return;
    const end = mention.at + 1 + mention.typed.length;
    left.current = mention.at;
    field.focus();
    field.setSelectionRange(mention.at + 1, end);
    insert(field, text);
    setMention(null);
  };
  // Enter sends what is whole already, and what only looks like one of the names.
  const begins = (text: string) =>
    text !== typed && text.toLowerCase().startsWith((typed ?? "").toLowerCase());
  const isWhole = offers.length === 1 && offers[0]?.text === typed;
  return {
    offer: mention && {
      // After a step there are other names: columns, keys.
      topic: `@${mention.at} ${mention.typed.match(/[.[]/g)?.length ?? 0}`,
      query: mention.typed,
      label: "Names of the notebook",
      noun: ["name", "names"],
      // One that is whole, and begins no other, is taken already.
      found: (isWhole ? [] : offers).map(({ text, about }) => ({
        key: text,
        name: `@${text}`,
        about,
        code: true,
        sure: begins(text),
        take: () => take(text),
      })),
    },
    onCaret() {
      const field = box.current;
      if (!field) return;
      const { value, selectionStart, selectionEnd } = field;
      const next =
        selectionStart === selectionEnd ? mentionAt(value, selectionEnd) : null;
      if (next === null || next.at !== left.current) left.current = null;
      // A step after what was taken opens the list anew.
      else if (/[.[]$/.test(next.typed)) left.current = null;
      setMention(left.current === null ? next : null);
    },
  };
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
