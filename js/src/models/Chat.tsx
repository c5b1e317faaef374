import { useEffect, useRef, useState } from "preact/hooks";
import { onAbort } from "../bridge";
import { child } from "../child-widget";
import { IconButton } from "../kit";
import type { ChatOpened } from "../protocol";
import type { ModelsLink } from "./actions";

interface ChatProps {
  chat: Pick<ChatOpened, "model_id" | "session">;
  link: Pick<ModelsLink, "model">;
  onClose: () => void;
}

/** A chat inside another view, below what it shows. */
export function Chat({ chat, link, onClose }: ChatProps) {
  const box = useRef<HTMLDivElement>(null);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    const ending = new AbortController();
    const { signal } = ending;
    const holder = box.current as HTMLElement;
    // Its height comes with its first rendering.
    const grown = new ResizeObserver(() => {
      if (holder.offsetHeight < 100) return;
      grown.disconnect();
      holder.scrollIntoView({ block: "nearest" });
    });
    onAbort(signal, () => grown.disconnect());
    child(link, chat.model_id, holder, signal)
      .then(() => !signal.aborted && grown.observe(holder))
      .catch((error: Error) => {
        if (!signal.aborted) setProblem(error.message);
      });
    return () => ending.abort();
  }, [chat.model_id]);
  return (
    <section class="pl-models-chat" aria-label={`Conversation ${chat.session}`}>
      <div class="pl-models-chat-head">
        <span class="pl-label">{chat.session}</span>
        <IconButton label="Close the chat" icon="close" onClick={onClose} />
      </div>
      {problem && <div class="pl-quiet">{problem}</div>}
      <div ref={box} />
    </section>
  );
}
