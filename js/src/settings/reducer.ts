// What the form of the settings shows, as a function of what the kernel said.
import type { Fact } from "../event-order";
import type { Failure, SettingData, SettingsGroup } from "../protocol";

export type Value = Exclude<SettingData["value"], undefined>;

export interface SettingsModel {
  groups: SettingsGroup[];
  path: string;
  /** What is wrong with the file. */
  problem: Failure | null;
  /** What the kernel refused, by the setting's key. */
  errors: Readonly<Record<string, Failure>>;
  ready: boolean;
  /** Whether the kernel hears this page; null until it is known. */
  heard: boolean | null;
}

export const initial: SettingsModel = {
  groups: [],
  path: "",
  problem: null,
  errors: {},
  ready: false,
  heard: null,
};

/** A value as a field shows it. */
export const said = (value: Value | undefined) => (value == null ? "" : String(value));

export const isChanged = ({ value, default: usual }: SettingData) =>
  (value ?? null) !== (usual ?? null);

const without = (errors: SettingsModel["errors"], key: string) =>
  Object.fromEntries(Object.entries(errors).filter(([each]) => each !== key));

function filled(groups: SettingsGroup[], values: Record<string, Value>) {
  return groups.map((group) => {
    if (!group.settings.some(({ key }) => key in values)) return group;
    const settings = group.settings.map((setting) =>
      setting.key in values
        ? { ...setting, value: values[setting.key] ?? null }
        : setting,
    );
    return { ...group, settings };
  });
}

export function reduce(now: SettingsModel, { event, data }: Fact): SettingsModel {
  switch (event) {
    case "snapshot":
      return {
        ...now,
        ready: true,
        groups: data.groups as SettingsGroup[],
        path: String(data.path ?? ""),
        problem: (data.problem as Failure | undefined) ?? null,
      };
    case "settings":
      return {
        ...now,
        groups: filled(now.groups, data.values as Record<string, Value>),
        problem: (data.problem as Failure | undefined) ?? null,
      };
    case "reach":
      return { ...now, heard: data.heard === true };
    case "kept": {
      // Told before the event that tells it to all, so that nothing flickers.
      const key = String(data.key);
      const groups =
        "value" in data
          ? filled(now.groups, { [key]: data.value as Value })
          : now.groups;
      return { ...now, groups, errors: without(now.errors, key) };
    }
    case "refused":
      return {
        ...now,
        errors: { ...now.errors, [String(data.key)]: data.error as Failure },
      };
    default:
      return now;
  }
}

/** What was typed, as the kernel takes it: numbers as numbers, nothing as null. */
export function typed({ kind }: Pick<SettingData, "kind">, text: string): Value {
  const trimmed = text.trim();
  if (!trimmed) return null;
  if (kind !== "integer" && kind !== "number") return text;
  const number = Number(trimmed.replace(",", "."));
  // What is no number is told so by the kernel, as it was typed.
  return Number.isFinite(number) ? number : text;
}
