import { ModelSelect } from "../ui/ModelSelect";
import type { Actions } from "./actions";
import type { CompareModel } from "./reducer";

interface Props {
  compare: CompareModel;
  actions: Actions;
}

/** Adds a column with any model. */
export function AddModel({ compare, actions }: Props) {
  const { groups, columns, most, known, heard } = compare;
  if (!known || heard === false) return null;
  const full = columns.length >= most;
  return (
    <div class="pl-add-model">
      <ModelSelect
        label="Add a model"
        hideLabel
        value=""
        groups={groups}
        placeholder={full ? `${most} models at most` : "Add a model"}
        disabled={full}
        onOpen={actions.models}
        onSelect={actions.add}
      />
    </div>
  );
}
