// What the form of the settings shows, as a function of the kernel's events.
import type { Reach } from "../connection";
import type {
  Failure,
  ModelGroup,
  ModelGroups,
  SettingData,
  SettingsFact,
  SettingsGroup,
} from "../protocol";

export type Value = Exclude<SettingData["value"], undefined>;

export interface SettingsModel {
  groups: SettingsGroup[];
  /** The models that can be chosen, by provider. */
  models: readonly ModelGroup[];
  path: string;
  /** What is wrong with the settings file. */
  problem: Failure | null;
  /** Errors of refused values, by the setting's key. */
  errors: Readonly<Record<string, Failure>>;
  ready: boolean;
  /** Whether the kernel gets this page's messages; null while it is not known. */
  heard: boolean | null;
}

export const initial: SettingsModel = {
  groups: [],
  models: [],
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

/** The response to a new value. Without a `value` only the error is forgotten. */
export type SetAct =
  | { event: "kept"; data: { key: string; value?: Value } }
  | { event: "refused"; data: { key: string; error: Failure } };

export function reduce(
  now: SettingsModel,
  fact: SettingsFact | Reach | SetAct | { event: "groups"; data: ModelGroups },
): SettingsModel {
  switch (fact.event) {
    case "snapshot": {
      const { groups, path, problem = null } = fact.data;
      return { ...now, ready: true, groups, path, problem };
    }
    case "settings": {
      const { values, problem = null } = fact.data;
      return { ...now, groups: filled(now.groups, values), problem };
    }
    case "groups":
      return { ...now, models: fact.data.groups };
    case "models": {
      const group = fact.data;
      const models = now.models.map((each) =>
        each.provider === group.provider ? group : each,
      );
      return { ...now, models };
    }
    case "reach":
      return { ...now, heard: fact.data.heard };
    case "kept": {
      // Applied before the event that goes to all views, so that nothing flickers.
      const { key, value } = fact.data;
      const groups =
        value === undefined ? now.groups : filled(now.groups, { [key]: value });
      return { ...now, groups, errors: without(now.errors, key) };
    }
    case "refused": {
      const { key, error } = fact.data;
      return { ...now, errors: { ...now.errors, [key]: error } };
    }
    default:
      return now;
  }
}

/** The typed text as the kernel expects it: numbers as numbers, nothing as null. */
export function typed({ kind }: Pick<SettingData, "kind">, text: string): Value {
  const trimmed = text.trim();
  if (!trimmed) return null;
  if (kind !== "integer" && kind !== "number") return text;
  const number = Number(trimmed.replace(",", "."));
  // The kernel explains what is wrong with other text.
  return Number.isFinite(number) ? number : text;
}
