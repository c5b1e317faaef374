import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Icon, type IconName } from "./icons";
import { useId } from "./ids";
import { focusAt, turn } from "./roving";

export interface Tab {
  name: string;
  label: string;
  icon?: IconName;
  /** A number beside the label. */
  count?: number;
}

interface Props {
  label: string;
  tabs: readonly Tab[];
  current: string;
  onOpen: (name: string) => void;
  /**
   * A tab's panel. It is asked for all tabs in `kept` and for the current one, and those
   * that are not current are hidden, so that they lose nothing.
   */
  children: (name: string) => ComponentChildren;
  kept?: readonly string[];
}

/** Tabs. Arrows move the focus, Enter, Space or a click opens a tab. */
export function Tabs({ label, tabs, current, onOpen, children, kept = [] }: Props) {
  const id = useId();
  const bar = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const chosen = bar.current?.querySelector("[aria-selected=true]");
    // Scroll the bar alone, not the page.
    if (bar.current && chosen instanceof HTMLElement) reveal(bar.current, chosen);
  }, [current]);
  const made = tabs.filter(({ name }) => name === current || kept.includes(name));
  return (
    <div class="pl-tabs">
      <div class="pl-tab-bar" role="tablist" aria-label={label} ref={bar}>
        {tabs.map(({ name, label: words, icon, count }, index) => (
          <button
            key={name}
            id={`${id}-${name}`}
            type="button"
            role="tab"
            class="pl-tab"
            aria-selected={name === current}
            aria-controls={
              made.some((tab) => tab.name === name) ? `${id}-${name}-panel` : undefined
            }
            tabIndex={name === current ? 0 : -1}
            onClick={() => onOpen(name)}
            onKeyDown={(event) => {
              const next = turn(event.key, index, tabs.length, "x");
              if (next === undefined) return;
              event.preventDefault();
              focusAt(bar.current, "[role=tab]", next);
            }}
          >
            {icon && <Icon name={icon} />}
            <span>{words}</span>
            {count !== undefined && <span class="pl-count">{count}</span>}
          </button>
        ))}
      </div>
      {made.map(({ name }) => (
        <div
          key={name}
          id={`${id}-${name}-panel`}
          class="pl-tab-panel"
          role="tabpanel"
          aria-labelledby={`${id}-${name}`}
          hidden={name !== current}
        >
          {children(name)}
        </div>
      ))}
    </div>
  );
}

function reveal(bar: HTMLElement, tab: HTMLElement) {
  const { offsetLeft: left, offsetWidth: width } = tab;
  if (left < bar.scrollLeft) bar.scrollLeft = left - 16;
  else if (left + width > bar.scrollLeft + bar.clientWidth)
    bar.scrollLeft = left + width - bar.clientWidth + 16;
}
