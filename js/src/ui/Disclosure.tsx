import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Icon } from "./icons";

interface Props {
  label: string;
  /** A quiet text beside the label. */
  note?: string;
  open?: boolean;
  children: ComponentChildren;
}

/** A section that can be opened; its content is made the first time. */
export function Disclosure({ label, note, open: atFirst = false, children }: Props) {
  const [open, setOpen] = useState(atFirst);
  const [made, setMade] = useState(atFirst);
  return (
    <details
      class="pl-disclosure"
      open={open}
      onToggle={(event) => {
        setOpen(event.currentTarget.open);
        if (event.currentTarget.open) setMade(true);
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
