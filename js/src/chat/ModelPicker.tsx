import { useMemo } from "preact/hooks";
import { Select } from "../ui/Select";
import type { Option } from "../ui/selection";
import type { Actions } from "./actions";
import { count } from "./Context";
import type { ChatModel } from "./reducer";

interface Props {
  chat: ChatModel;
  actions: Actions;
}

/** Which model answers: any that a provider has listed, or one typed as it is called. */
export function ModelPicker({ chat, actions }: Props) {
  const { groups, session } = chat;
  const usual = chat.default?.model;
  const options = useMemo(() => {
    const all: Option[] = usual
      ? [{ value: "", label: usual, description: "default", keywords: "default" }]
      : [];
    for (const { title, problem, models = [] } of groups) {
      for (const { id, context_window: size } of models) {
        const description = size ? `${count(size)} tokens` : "";
        all.push({ value: id, group: title, description });
      }
      if (problem && !models.length) {
        all.push({ value: `?${title}`, label: problem, group: title, disabled: true });
      }
    }
    return all;
  }, [groups, usual]);
  return (
    <div class="pl-model">
      <Select
        label="Model"
        hideLabel
        value={session.model ?? ""}
        options={options}
        placeholder="Choose a model"
        free
        loading={groups.some(({ listing }) => listing)}
        empty="Type provider/model."
        onOpen={() => actions.models()}
        onSelect={actions.setModel}
      />
    </div>
  );
}
