import { useEffect, useState } from "preact/hooks";
import type { TurnData } from "../protocol";
import { Dialog } from "../ui/Dialog";
import { ModelSelect } from "../ui/ModelSelect";
import type { Actions } from "./actions";
import type { ChatModel } from "./reducer";

interface Props {
  chat: ChatModel;
  /** The turn whose question is asked; null closes the dialog. */
  turn: TurnData | null;
  busy: boolean;
  actions: Actions;
  onClose: () => void;
}

/** Asks a question of a second model, whose answer is shown beside the first. */
export function AskOther({ chat, turn, busy, actions, onClose }: Props) {
  const usual = chat.default?.model;
  const [model, setModel] = useState("");
  useEffect(() => setModel(chat.session.model ?? ""), [turn]);
  return (
    <Dialog
      title="Ask another model"
      open={turn !== null}
      onClose={onClose}
      decision={{
        label: "Ask",
        disabled: busy || !(model || usual),
        onClick: () => {
          onClose();
          if (turn) actions.askBeside(turn, model || (usual ?? ""));
        },
      }}
    >
      <p class="pl-quiet pl-ask-question" dir="auto">
        {turn?.question.slice(0, 200)}
      </p>
      <ModelSelect
        label="Model"
        value={model}
        groups={chat.groups}
        usual={usual}
        placeholder="Choose a model"
        hint="Both answers are shown side by side, and you keep one. The model may be the same: a temperature gives other words."
        onOpen={actions.models}
        onSelect={setModel}
      />
    </Dialog>
  );
}
