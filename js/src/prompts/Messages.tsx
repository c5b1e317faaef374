import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Markdown } from "../core";
import { Button } from "../kit";
import type { PromptText } from "../protocol";
import type { PromptsLink } from "./actions";
import { marked } from "./marks";

interface Props {
  messages: readonly PromptText[];
  /** The names of the variables, which are marked. */
  variables: ReadonlySet<string>;
  as: "markdown" | "source";
  link: PromptsLink;
}

/** Characters of a message that are shown at first. */
const FIRST = 20_000;

export const ROLES = {
  system: "System prompt",
  user: "User",
  assistant: "Assistant",
} as const;

/** The messages of a prompt by their roles, its variables marked. */
export function Messages({ messages, ...rest }: Props) {
  return (
    <div class="pl-prompt-messages">
      {messages.map((message, index) => (
        // Messages have no keys but their positions.
        <One key={index} message={message} {...rest} />
      ))}
    </div>
  );
}

function One({
  message: { role, text },
  variables,
  as,
  link,
}: { message: PromptText } & Omit<Props, "messages">) {
  const [all, setAll] = useState(false);
  const shown = all ? text : text.slice(0, FIRST);
  return (
    <section class={`pl-prompt-message pl-prompt-${role}`} aria-label={ROLES[role]}>
      <div class="pl-prompt-role">{ROLES[role]}</div>
      {as === "source" ? (
        <Source text={shown} variables={variables} />
      ) : (
        <Rendered text={shown} variables={variables} link={link} />
      )}
      {shown.length < text.length && (
        <Button
          label={`Show all ${text.length.toLocaleString("en")} characters`}
          size="small"
          onClick={() => setAll(true)}
        />
      )}
    </section>
  );
}

function Source({ text, variables }: { text: string; variables: ReadonlySet<string> }) {
  const pieces = useMemo(() => marked(text, variables), [text, variables]);
  return (
    <div class="pl-prompt-source" dir="auto">
      {pieces.map((piece, at) =>
        piece.name ? (
          <mark key={at} class="pl-prompt-mark">
            {piece.text}
          </mark>
        ) : (
          piece.text
        ),
      )}
    </div>
  );
}

/** The name under which the page's style finds the marks. */
const MARKS = "pl-prompt-variable";

/** Markdown, with the variables marked as the browser can without touching the text. */
function Rendered({
  text,
  variables,
  link,
}: Omit<Props, "messages" | "as"> & { text: string }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const el = box.current;
    if (!el || !("highlights" in CSS) || !variables.size) return;
    const all = CSS.highlights.get(MARKS) ?? new Highlight();
    CSS.highlights.set(MARKS, all);
    let mine: Range[] = [];
    const clear = () => {
      for (const range of mine) all.delete(range);
      mine = [];
    };
    const mark = () => {
      clear();
      const walker = document.createTreeWalker(el, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        let at = 0;
        for (const piece of marked(node.nodeValue ?? "", variables)) {
          if (piece.name) {
            const range = new Range();
            range.setStart(node, at);
            range.setEnd(node, at + piece.text.length);
            mine.push(range);
            all.add(range);
          }
          at += piece.text.length;
        }
      }
    };
    mark();
    // The text is rendered a piece at a time, and its code coloured later.
    const changed = new MutationObserver(mark);
    changed.observe(el, { childList: true, characterData: true, subtree: true });
    return () => {
      changed.disconnect();
      clear();
    };
  }, [variables]);
  return (
    <div ref={box} class="pl-prompt-markdown">
      <Markdown text={text} final link={link} />
    </div>
  );
}
