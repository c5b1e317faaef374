import { useState } from "preact/hooks";
import type { Assets } from "../connection";
import { Markdown } from "../markdown/Markdown";
import { words } from "../ui/amounts";

interface Props {
  text: string;
  /** The model is still thinking: the answer has no text yet. */
  active: boolean;
  final: boolean;
  link: Assets;
}

/** The model's thinking, closed until the user opens it. */
export function Thinking({ text, active, final, link }: Props) {
  const [open, setOpen] = useState(false);
  return (
    <details
      class="pl-thinking"
      open={open}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary>
        <span class={active ? "pl-thinking-title pl-alive" : "pl-thinking-title"}>
          {active ? "Thinking…" : "Thinking"}
        </span>
        <span class="pl-thinking-size">{words(text).toLocaleString("en")} words</span>
      </summary>
      {open && (
        <div class="pl-thinking-text">
          <Markdown text={text} final={final} link={link} />
        </div>
      )}
    </details>
  );
}
