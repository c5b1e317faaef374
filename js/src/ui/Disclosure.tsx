import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Icon } from "./icons";

interface Props {
  label: string;
  /** A quiet text beside the label. */
  note?: string;
  open?: boolean;
  onToggle?: (open: boolean) => void;
  children: ComponentChildren;
}

/** A section that can be opened; its content is made the first time. */
export function Disclosure({
  label,
  note,
  open: atFirst = false,
  onToggle,
  children,
}: Props) {
  const [open, setOpen] = useState(atFirst);
  const [made, setMade] = useState(atFirst);
  return (
    <details
      class="pl-disclosure"
      open={open}
      onToggle={(event) => {
        const { open } = event.currentTarget;
        setOpen(open);
        if (open) setMade(true);
        onToggle?.(open);
      }}
    >
      <summary>
        <Icon name="chevron" class="pl-disclosure-mark" />
        <span>{label}</span>
        {note && <span class="pl-quiet">{note}</span>}
      </summary>
      {made && <div class="pl-disclosure-body">{children}</div>}
    </details>
  );
}
