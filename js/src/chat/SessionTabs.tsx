import { useEffect, useRef } from "preact/hooks";
import type { ChatTabs } from "../protocol";
import { Icon } from "../ui/icons";
import { focusAt, turn } from "../ui/roving";
import type { SessionActions } from "./session-actions";
import { shownName } from "./session-lines";

interface Props {
  tabs: ChatTabs;
  actions: SessionActions;
}

/**
 * The conversations that are open. Arrows move the focus, Enter or a click shows one,
 * Delete or a middle click closes it.
 */
export function SessionTabs({ tabs: { tabs, current }, actions }: Props) {
  const bar = useRef<HTMLDivElement>(null);
  const shown = tabs.find(({ id }) => id === current)?.name;
  useEffect(() => {
    const tab = bar.current?.querySelector<HTMLElement>("[aria-selected=true]");
    const box = bar.current;
    if (!tab || !box) return;
    // Scroll the bar alone, not the page.
    const { offsetLeft: left, offsetWidth: width } = tab;
    if (left < box.scrollLeft) box.scrollLeft = left - 16;
    else if (left + width > box.scrollLeft + box.clientWidth)
      box.scrollLeft = left + width - box.clientWidth + 16;
  }, [current, shown, tabs.length]);
  const close = (id: string, index: number) => {
    const had = bar.current?.contains(document.activeElement);
    actions.closeTab(id);
    // The tab that has the focus goes.
    if (had) focusAt(bar.current, "[role=tab]", index > 0 ? index - 1 : 1);
  };
  return (
    <div
      class="pl-session-tabs"
      role="tablist"
      aria-label="Open conversations"
      ref={bar}
      onWheel={(event) => {
        if (bar.current && !event.deltaX) bar.current.scrollLeft += event.deltaY;
      }}
    >
      {tabs.map(({ id, name, answering, encrypted, locked }, index) => {
        const title = shownName({ name, locked });
        const states = [answering && "answering", encrypted && "encrypted"];
        const words = [title, ...states.filter(Boolean)].join(", ");
        return (
          <button
            key={id}
            type="button"
            role="tab"
            class="pl-session-tab"
            aria-selected={id === current}
            aria-label={words}
            aria-keyshortcuts="Delete"
            title={`${title}${tabs.length > 1 ? " — Delete closes the tab" : ""}`}
            tabIndex={id === current ? 0 : -1}
            onClick={() => id !== current && actions.showTab(id)}
            onAuxClick={(event) => {
              if (event.button === 1) actions.closeTab(id);
            }}
            onKeyDown={(event) => {
              if (event.key === "Delete") {
                event.preventDefault();
                if (!event.repeat) close(id, index);
                return;
              }
              const next = turn(event.key, index, tabs.length, "x");
              if (next === undefined) return;
              event.preventDefault();
              focusAt(bar.current, "[role=tab]", next);
            }}
          >
            {answering && <span class="pl-session-dot" />}
            {encrypted && <Icon name="lock" />}
            <span class="pl-session-tab-name">{title}</span>
            {tabs.length > 1 && (
              // For the mouse; from the keyboard it is Delete.
              // biome-ignore lint/a11y/noStaticElementInteractions: it is in a button
              // biome-ignore lint/a11y/useKeyWithClickEvents: see above
              <span
                class="pl-session-tab-close"
                title="Close the tab"
                onClick={(event) => {
                  event.stopPropagation();
                  close(id, index);
                }}
              >
                <Icon name="close" />
              </span>
            )}
          </button>
        );
      })}
    </div>
  );
}
