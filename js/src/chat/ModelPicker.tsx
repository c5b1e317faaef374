import { ModelSelect } from "../ui/ModelSelect";
import type { Actions } from "./actions";
import type { ChatModel } from "./reducer";

interface Props {
  chat: ChatModel;
  actions: Actions;
}

/** Which model answers. */
export function ModelPicker({ chat, actions }: Props) {
  return (
    <div class="pl-head-model">
      <ModelSelect
        label="Model"
        hideLabel
        value={chat.session.model ?? ""}
        groups={chat.groups}
        usual={chat.default?.model}
        placeholder="Choose a model"
        onOpen={actions.models}
        onSelect={actions.setModel}
      />
    </div>
  );
}
