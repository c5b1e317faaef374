import { useMemo } from "preact/hooks";
import { Select } from "../ui/Select";
import type { Option } from "../ui/selection";
import type { Actions } from "./actions";
import type { CompareModel } from "./reducer";

interface Props {
  compare: CompareModel;
  actions: Actions;
}

/** One more column: of any model that a provider has listed, or that is typed. */
export function AddModel({ compare, actions }: Props) {
  const { groups, columns, most, known, heard } = compare;
  const options = useMemo(() => {
    const all: Option[] = [];
    for (const { title, problem, models = [] } of groups) {
      for (const { id } of models) all.push({ value: id, group: title });
      if (problem && !models.length)
        all.push({ value: `?${title}`, label: problem, group: title, disabled: true });
    }
    return all;
  }, [groups]);
  if (!known || heard === false) return null;
  const full = columns.length >= most;
  return (
    <div class="pl-add-model">
      <Select
        label="Add a model"
        hideLabel
        value=""
        options={options}
        placeholder={full ? `${most} models at most` : "Add a model"}
        free
        disabled={full}
        loading={groups.some(({ listing }) => listing)}
        empty="Type provider/model."
        onOpen={actions.models}
        onSelect={actions.add}
      />
    </div>
  );
}
