import { useMemo } from "preact/hooks";
import type { ModelGroup } from "../protocol";
import { count } from "./amounts";
import { Select, type SelectProps } from "./Select";
import type { Option } from "./selection";

interface Props
  extends Pick<
    SelectProps,
    "label" | "value" | "placeholder" | "disabled" | "onOpen" | "onSelect"
  > {
  groups: readonly ModelGroup[];
  /** The default model, offered first as the value "". */
  usual?: string | null | undefined;
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
    for (const { id, context_window: size } of models) {
      const description = size ? `${count(size)} tokens` : "";
      all.push({ value: id, group: title, description });
    }
    if (problem && !models.length)
      all.push({ value: `?${title}`, label: problem, group: title, disabled: true });
  }
  return all;
}

/** Selects one of the listed models, or one that is typed. */
export function ModelSelect({ groups, usual, ...rest }: Props) {
  const options = useMemo(() => modelOptions(groups, usual), [groups, usual]);
  return (
    <Select
      {...rest}
      hideLabel
      options={options}
      free
      loading={groups.some(({ listing }) => listing)}
      empty="Type provider/model."
    />
  );
}
