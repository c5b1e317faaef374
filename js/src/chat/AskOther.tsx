import { useEffect, useState } from "preact/hooks";
import type { TurnData } from "../protocol";
import { Dialog } from "../ui/Dialog";
import { Field } from "../ui/Field";
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
  const [heat, setHeat] = useState("");
  useEffect(() => {
    setModel(chat.session.model ?? "");
    setHeat("");
  }, [turn]);
  const degree = heat.trim() ? Number(heat) : undefined;
  const wrong = degree !== undefined && !(degree >= 0 && degree <= 2);
  const own = chat.session.options.temperature;
  return (
    <Dialog
      title="Ask another model"
      open={turn !== null}
      onClose={onClose}
      decision={{
        label: "Ask",
        disabled: busy || wrong || !(model || usual),
        onClick: () => {
          onClose();
          if (turn) actions.askBeside(turn, model || (usual ?? ""), degree);
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
        onOpen={actions.models}
        onSelect={setModel}
      />
      <Field
        label="Temperature"
        kind="number"
        min={0}
        max={2}
        step={0.1}
        value={heat}
        placeholder={own == null ? "the model’s own" : `${own}, as in this chat`}
        error={wrong ? "From 0 to 2." : undefined}
        hint="Both answers are shown side by side, and you keep one."
        onInput={setHeat}
      />
    </Dialog>
  );
}
