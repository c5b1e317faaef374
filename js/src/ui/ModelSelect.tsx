import { useMemo } from "preact/hooks";
import type { ModelGroup } from "../protocol";
import { count } from "./amounts";
import { Select, type SelectProps } from "./Select";
import type { Option } from "./selection";

interface Props
  extends Pick<
    SelectProps,
    | "label"
    | "value"
    | "hideLabel"
    | "hint"
    | "error"
    | "placeholder"
    | "disabled"
    | "onOpen"
    | "onSelect"
  > {
  groups: readonly ModelGroup[];
  /** The default model, offered first as the value "". */
  usual?: string | null | undefined;
  /** Offered first as the value "": no model is chosen. */
  none?: string;
}

/** All models by provider, and for a provider without models the reason. */
export function modelOptions(
  groups: readonly ModelGroup[],
  usual?: Props["usual"],
): Option[] {
  const all: Option[] = usual
    ? [{ value: "", label: usual, description: "default", keywords: "default" }]
    : [];
  for (const { title, problem, models } of groups) {
    for (const { id, context_window: size, sent_to: host } of models) {
      const facts = [host && `cloud: ${host}`, size && `${count(size)} tokens`];
      const description = facts.filter(Boolean).join(" · ");
      all.push({ value: id, group: title, description });
    }
    if (problem && !models.length)
      all.push({ value: `?${title}`, label: problem, group: title, disabled: true });
  }
  return all;
}

/** Selects one of the listed models, or one that is typed. */
export function ModelSelect({ groups, usual, none, ...rest }: Props) {
  const options = useMemo(() => {
    const all = modelOptions(groups, usual);
    return none ? [{ value: "", label: none }, ...all] : all;
  }, [groups, usual, none]);
  return (
    <Select
      {...rest}
      options={options}
      free
      loading={groups.some(({ listing }) => listing)}
      empty="Type provider/model."
    />
  );
}
