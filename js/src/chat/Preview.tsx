import { effect, type Signal } from "@preact/signals-core";
import { useEffect, useState } from "preact/hooks";
import type { PartLink } from "../connection";
import { Sent } from "../message/Sent";
import type { PromptValues } from "../protocol";
import { Drawer } from "../ui/Drawer";
import type { Actions } from "./actions";
import type { ChatModel } from "./reducer";

interface Props {
  chat: ChatModel;
  /** The text of the composer. */
  draft: Signal<string>;
  /** The values that were typed for the prompt that asks next. */
  values: Signal<PromptValues["values"]>;
  open: boolean;
  actions: Actions;
  link: PartLink;
  onClose: () => void;
}

/** What would be sent if the draft was asked now. */
export function Preview({ open, onClose, ...more }: Props) {
  return (
    <Drawer title="What is sent" open={open} wide onClose={onClose}>
      <Drafted {...more} />
    </Drawer>
  );
}

function Drafted({
  chat,
  draft,
  values,
  actions,
  link,
}: Omit<Props, "open" | "onClose">) {
  const [text, setText] = useState(() => draft.peek());
  // Only what is open follows the keys.
  useEffect(() => effect(() => setText(draft.value)), [draft]);
  const [given, setGiven] = useState(() => values.peek());
  useEffect(() => effect(() => setGiven(values.value)), [values]);
  const { session, turns, prompt, attached, default: usual } = chat;
  const ready = attached.attachments.filter(({ state }) => state === "ready");
  const attachments = ready.map(({ id }) => id);
  const asking = prompt ? { values: given } : undefined;
  const model = session.model ?? usual?.model;
  const last = turns.at(-1);
  const asks = prompt && [prompt.name, prompt.version, given];
  const depends = [
    text,
    asks,
    attachments,
    session.name,
    model,
    session.options,
    last?.id,
    last?.state,
  ];
  return (
    <>
      {!text.trim() && !prompt && attachments.length === 0 && (
        <div class="pl-quiet">The message is empty: this is what comes before it.</div>
      )}
      <Sent
        of={JSON.stringify([...depends, session.turns])}
        link={link}
        load={(signal) =>
          actions.preview({ text, attachments, prompt: asking }, signal)
        }
      />
    </>
  );
}
