import type { RefObject } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { PromptChoice, PromptChoices } from "../protocol";
import { Icon } from "../ui/icons";
import { useId } from "../ui/ids";
import { usePopover } from "../ui/popover";
import type { Actions } from "./actions";
import { first, type Match, matches, queryOf } from "./prompt-names";

/** Milliseconds after the last key until the kernel is asked. */
const PAUSE = 100;

export interface SlashList {
  open: boolean;
  found: readonly Match[];
  active: number;
  id: string;
  aria: object;
  box: RefObject<HTMLTextAreaElement | null>;
  onText(text: string): void;
  /** Whether a key was for the list. */
  onKey(event: KeyboardEvent): boolean;
  point(index: number): void;
  take(index: number): void;
  close(): void;
}

/** The list of prompts that `/` opens in an empty composer. */
export function useSlash(
  actions: Actions,
  box: RefObject<HTMLTextAreaElement | null>,
  onTake: (name: string) => void,
): SlashList {
  const id = useId();
  const [query, setQuery] = useState<string | null>(null);
  const [dismissed, setDismissed] = useState(false);
  const [all, setAll] = useState<PromptChoices | null>(null);
  const [more, setMore] = useState<readonly PromptChoice[]>([]);
  const [moved, setMoved] = useState<number | null>(null);
  const looking = query !== null && !dismissed;
  useEffect(() => {
    if (!looking) return;
    let ended = false;
    actions
      .prompts("")
      .then((found) => !ended && setAll(found))
      .catch(() => {});
    return () => {
      ended = true;
    };
  }, [looking]);
  // A library with more prompts than come at once is searched by the kernel.
  const partial = all !== null && all.total > all.prompts.length;
  useEffect(() => {
    setMore([]);
    if (!looking || !partial || !query?.trim()) return;
    let ended = false;
    const timer = setTimeout(() => {
      actions
        .prompts(query)
        .then(({ prompts }) => !ended && setMore(prompts))
        .catch(() => {});
    }, PAUSE);
    return () => {
      ended = true;
      clearTimeout(timer);
    };
  }, [looking, partial, query]);
  const found = useMemo(() => {
    if (!looking || !all) return [];
    const names = new Set(all.prompts.map(({ name }) => name));
    const joined = [...all.prompts, ...more.filter(({ name }) => !names.has(name))];
    return matches(query ?? "", joined);
  }, [looking, all, more, query]);
  const open = looking && found.length > 0;
  const active = Math.min(moved ?? first(found), found.length - 1);
  const close = () => setDismissed(true);
  const take = (index: number) => {
    const prompt = found[index];
    const field = box.current;
    if (!prompt || !field) return;
    field.value = "";
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
    onTake(prompt.name);
    actions.choosePrompt(prompt.name);
    field.focus();
  };
  return {
    open,
    found,
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
    onText(text) {
      const next = queryOf(text);
      if (next !== query) {
        setQuery(next);
        setMoved(null);
      }
      if (next === null || next === "") setDismissed(false);
    },
    onKey(event) {
      if (!open || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey)
        return false;
      const { key } = event;
      const count = found.length;
      if (key === "ArrowDown") setMoved((active + 1) % count);
      else if (key === "ArrowUp") setMoved(active <= 0 ? count - 1 : active - 1);
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
export function Slash({ slash }: { slash: SlashList }) {
  const { open, found, active, id, box } = slash;
  const pop = useRef<HTMLDivElement>(null);
  usePopover(box, pop, open, slash.close);
  return (
    <>
      <span class="pl-hidden" role="status">
        {open && `${found.length} ${found.length === 1 ? "prompt" : "prompts"}`}
      </span>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: it hears to stay out of it */}
      <div
        ref={pop}
        popover="manual"
        class="pl-pop pl-slash"
        // Keep the focus in the field.
        onMouseDown={(event) => event.preventDefault()}
      >
        {open && (
          <div id={`${id}-list`} role="listbox" aria-label="Prompts" tabIndex={-1}>
            {found.map(({ name, description, favourite, encrypted }, index) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the field's
              // biome-ignore lint/a11y/useFocusableInteractive: the focus is the field's
              <div
                key={name}
                id={`${id}-${index}`}
                role="option"
                aria-selected={index === active}
                class={
                  index === active ? "pl-slash-one pl-slash-active" : "pl-slash-one"
                }
                onClick={() => slash.take(index)}
                onMouseMove={() => index !== active && slash.point(index)}
              >
                <span class="pl-slash-name">
                  {name}
                  {favourite && <Icon name="starred" />}
                  {encrypted && <Icon name="lock" />}
                </span>
                <span class="pl-slash-about">{description}</span>
              </div>
            ))}
          </div>
        )}
        {open && (
          <div class="pl-slash-foot">
            {active < 0 ? "Tab takes the first" : "Tab or Enter takes it"} · Esc leaves
            the text as it is
          </div>
        )}
      </div>
    </>
  );
}
