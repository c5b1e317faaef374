import { useEffect, useRef, useState } from "preact/hooks";
import { Icon, type IconName } from "./icons";
import { useId } from "./ids";
import { usePopover } from "./popover";
import { focusAt, turn, typed } from "./roving";

export interface MenuItem {
  label: string;
  onSelect: () => void;
  icon?: IconName;
  danger?: boolean;
  disabled?: boolean;
  /** A separator above it. */
  apart?: boolean;
}

interface Props {
  label: string;
  items: readonly MenuItem[];
  /** The button's icon; without one the button shows the label. */
  icon?: IconName;
  align?: "start" | "end";
  tabIndex?: number;
}

/** A button with a menu of actions. */
export function Menu({ label, items, icon, align = "start", tabIndex }: Props) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const pop = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  /** Which item gets the focus when the menu opens. */
  const first = useRef(0);
  usePopover(button, pop, open, () => setOpen(false), { align });
  useEffect(() => {
    if (open) focusAt(pop.current, "[role=menuitem]", first.current);
  }, [open]);
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  const show = (at: number) => {
    first.current = at;
    setOpen(true);
  };
  const onKeyDown = (event: KeyboardEvent, index: number) => {
    const { key } = event;
    if (key === "Escape") close();
    else if (key === "Tab") {
      close();
      return;
    } else {
      const labels = items.map((item) => item.label);
      const next = turn(key, index, items.length) ?? typed(key, index, labels);
      if (next < 0) return;
      focusAt(pop.current, "[role=menuitem]", next);
    }
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        class={icon ? "pl-icon-button" : "pl-button pl-button-plain pl-button-normal"}
        aria-label={icon && label}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        title={icon && label}
        tabIndex={tabIndex}
        onClick={() => (open ? setOpen(false) : show(0))}
        onKeyDown={(event) => {
          if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
          event.preventDefault();
          show(event.key === "ArrowDown" ? 0 : items.length - 1);
        }}
      >
        {icon ? <Icon name={icon} /> : <span>{label}</span>}
        {!icon && <Icon name="chevron" class="pl-down" />}
      </button>
      <div
        ref={pop}
        id={id}
        popover="manual"
        class="pl-pop"
        role="menu"
        aria-label={label}
      >
        {open &&
          items.map((item, index) => (
            <button
              key={item.label}
              type="button"
              role="menuitem"
              tabIndex={-1}
              class={[
                "pl-menu-item",
                item.danger && "pl-danger",
                item.apart && "pl-apart",
              ]
                .filter(Boolean)
                .join(" ")}
              aria-disabled={item.disabled || undefined}
              onKeyDown={(event) => onKeyDown(event, index)}
              onClick={() => {
                if (item.disabled) return;
                close();
                item.onSelect();
              }}
            >
              {item.icon && <Icon name={item.icon} />}
              <span>{item.label}</span>
            </button>
          ))}
      </div>
    </>
  );
}
