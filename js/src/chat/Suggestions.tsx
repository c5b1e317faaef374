import type { RefObject } from "preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { Icon, type IconName } from "../ui/icons";
import { useId } from "../ui/ids";
import { usePopover } from "../ui/popover";

export interface Suggestion {
  key: string;
  name: string;
  about: string;
  /** A quiet text after the name. */
  detail?: string;
  icons?: readonly IconName[];
  /** Its name is code. */
  code?: boolean;
  /** Enter takes it though it was not chosen by an arrow: it is what was typed. */
  sure: boolean;
  /** Enter is not for it but for the text, which is complete. */
  complete?: boolean;
  /** What precedes it in the list has another title. */
  heading?: string | undefined;
  take(by: "Tab" | "Enter" | "click"): void;
}

export interface Suggesting {
  open: boolean;
  found: readonly Suggestion[];
  active: number;
  id: string;
  label: string;
  noun: readonly [one: string, many: string];
  foot: string;
  aria: object;
  box: RefObject<HTMLTextAreaElement | null>;
  /** Whether a key was for the list. */
  onKey(event: KeyboardEvent): boolean;
  point(index: number): void;
  close(): void;
}

export interface Offer {
  /** What is being suggested; the list that was closed stays closed until it changes. */
  topic: string;
  /** What was typed of it: another text begins at the first suggestion again. */
  query: string;
  found: readonly Suggestion[];
  label: string;
  noun: readonly [one: string, many: string];
  foot?: string;
}

/** The list of what may be typed into a field, driven by the field's keys. */
export function useSuggestions(
  box: RefObject<HTMLTextAreaElement | null>,
  offer: Offer | null,
): Suggesting {
  const id = useId();
  const [closed, setClosed] = useState<string | null>(null);
  const [moved, setMoved] = useState<{ query: string; index: number } | null>(null);
  const topic = offer?.topic ?? null;
  useLayoutEffect(() => {
    if (closed !== null && closed !== topic) setClosed(null);
  }, [closed, topic]);
  const found = offer?.found ?? [];
  const open = topic !== null && closed !== topic && found.length > 0;
  const query = `${topic} ${offer?.query}`;
  const chosen = moved?.query === query ? moved.index : found[0]?.sure ? 0 : -1;
  const active = Math.min(chosen, found.length - 1);
  const point = (index: number) => setMoved({ query, index });
  const close = () => setClosed(topic);
  return {
    open,
    found,
    active,
    id,
    box,
    label: offer?.label ?? "",
    noun: offer?.noun ?? ["", ""],
    foot:
      offer?.foot ??
      `${active < 0 ? "Tab takes the first" : "Tab or Enter takes it"} · Esc leaves the text as it is`,
    point,
    close,
    aria: {
      "aria-autocomplete": "list",
      ...(open && { "aria-controls": `${id}-list` }),
      ...(open && active >= 0 && { "aria-activedescendant": `${id}-${active}` }),
    },
    onKey(event) {
      if (!open || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey)
        return false;
      const { key } = event;
      const count = found.length;
      if (key === "ArrowDown") point((active + 1) % count);
      else if (key === "ArrowUp") point(active <= 0 ? count - 1 : active - 1);
      else if (key === "Tab") found[Math.max(0, active)]?.take("Tab");
      else if (key === "Enter" && active >= 0) {
        const taken = found[active];
        if (taken?.complete) return false;
        taken?.take("Enter");
      } else if (key === "Escape") close();
      else return false;
      event.preventDefault();
      event.stopPropagation();
      return true;
    },
  };
}

/** The list itself, below or above the composer. */
export function Suggestions({ list }: { list: Suggesting }) {
  const { open, found, active, id, box, label, noun, foot } = list;
  const pop = useRef<HTMLDivElement>(null);
  // Of the whole composer, so that nothing of it is covered.
  const around = useMemo(
    () => ({
      get current() {
        return box.current?.form ?? box.current;
      },
    }),
    [box],
  );
  usePopover(around, pop, open, list.close);
  useLayoutEffect(() => {
    const row = open && active >= 0 && document.getElementById(`${id}-${active}`);
    if (row) row.scrollIntoView({ block: "nearest" });
  }, [open, active, id]);
  return (
    <>
      <span class="pl-hidden" role="status">
        {open && `${found.length} ${found.length === 1 ? noun[0] : noun[1]}`}
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
          <div id={`${id}-list`} role="listbox" aria-label={label} tabIndex={-1}>
            {found.map((each, index) => (
              <>
                {each.heading && (
                  <div
                    key={`of ${each.key}`}
                    class="pl-slash-heading"
                    aria-hidden="true"
                  >
                    {each.heading}
                  </div>
                )}
                <One
                  key={each.key}
                  each={each}
                  id={`${id}-${index}`}
                  active={index === active}
                  onPoint={() => index !== active && list.point(index)}
                />
              </>
            ))}
          </div>
        )}
        {open && <div class="pl-slash-foot">{foot}</div>}
      </div>
    </>
  );
}

interface OneProps {
  each: Suggestion;
  id: string;
  active: boolean;
  onPoint: () => void;
}

function One({ each, id, active, onPoint }: OneProps) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the field's
    // biome-ignore lint/a11y/useFocusableInteractive: the focus is the field's
    <div
      id={id}
      role="option"
      aria-selected={active}
      class={active ? "pl-slash-one pl-slash-active" : "pl-slash-one"}
      onClick={() => each.take("click")}
      onMouseMove={onPoint}
    >
      <span class={each.code ? "pl-slash-name pl-slash-code" : "pl-slash-name"}>
        {each.name}
        {each.icons?.map((icon) => (
          <Icon key={icon} name={icon} />
        ))}
      </span>
      {each.detail && <span class="pl-slash-detail">{each.detail}</span>}
      <span class="pl-slash-about">{each.about}</span>
    </div>
  );
}
