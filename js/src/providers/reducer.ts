// What the view of the providers shows, as a function of the kernel's events.
import type { Reach } from "../connection";
import type { Failure, ProviderData, ProvidersFact } from "../protocol";
import type { SetAct, Value } from "../settings/reducer";

export interface ProvidersModel {
  providers: readonly ProviderData[];
  /** Where keys belong, in words. */
  keysBelong: string;
  /** The vault is locked, which may have keys. */
  locked: boolean;
  /** What is wrong with the settings file. */
  problem: Failure | null;
  /** Errors of refused values, by the setting's key. */
  errors: Readonly<Record<string, Failure>>;
  /** The providers that are being asked for models. */
  asking: readonly string[];
  /** Seconds that each provider took to answer this page, by name. */
  took: Readonly<Record<string, number>>;
  /** Why the last test could not be made. */
  unasked: Failure | null;
  /** The kernel's clock minus this page's, in seconds. */
  ahead: number;
  ready: boolean;
  /** Whether the kernel gets this page's messages; null while it is not known. */
  heard: boolean | null;
}

export const initial: ProvidersModel = {
  providers: [],
  keysBelong: "",
  locked: false,
  problem: null,
  errors: {},
  asking: [],
  took: {},
  unasked: null,
  ahead: 0,
  ready: false,
  heard: null,
};

/** Splits a setting's key into provider and field. A provider's name may hold dots. */
export function parts(key: string): [name: string, field: string] {
  const [, name = "", field = ""] = /^providers\.(.+)\.(\w+)$/.exec(key) ?? [];
  return [name, field];
}

const without = <T>(all: Readonly<Record<string, T>>, names: readonly string[]) =>
  Object.fromEntries(Object.entries(all).filter(([name]) => !names.includes(name)));

function merged(now: readonly ProviderData[], changed: readonly ProviderData[]) {
  const found = new Map(now.map((each) => [each.name, each]));
  for (const each of changed) found.set(each.name, each);
  return [...found.values()];
}

/** Returns a provider with a new value for one of its settings. */
function filled(provider: ProviderData, key: string, value: Value): ProviderData {
  const [name, field] = parts(key);
  if (name !== provider.name) return provider;
  // Without a value a provider is enabled.
  if (field === "enabled") return { ...provider, enabled: value !== false };
  const settings = provider.settings.map((setting) =>
    setting.key === key ? { ...setting, value } : setting,
  );
  return { ...provider, settings };
}

/** Removes the setting's key from an error that is shown beside its field. */
function beside(key: string, error: Failure): Failure {
  const message = error.message.replace(`${key}: `, "").replace(key, "This");
  return { ...error, message: message.charAt(0).toUpperCase() + message.slice(1) };
}

/** What the user does, and the kernel's responses. */
export type ProvidersAct =
  | SetAct
  | { event: "asking"; data: { names: readonly string[] } }
  | { event: "asked"; data: { names: readonly string[]; seconds: number } }
  | { event: "unasked"; data: { names: readonly string[]; error: Failure } };

/** `clock` is the page's, in seconds since 1970. */
export function reduce(
  now: ProvidersModel,
  fact: ProvidersFact | Reach | ProvidersAct,
  clock: number,
): ProvidersModel {
  switch (fact.event) {
    case "snapshot": {
      const { providers, keys_belong: keysBelong, locked, problem = null } = fact.data;
      const ahead = fact.data.now - clock;
      return { ...now, ready: true, providers, keysBelong, locked, problem, ahead };
    }
    case "providers": {
      const { changed, locked, problem = null } = fact.data;
      const providers = merged(now.providers, changed);
      return { ...now, providers, locked, problem, ahead: fact.data.now - clock };
    }
    case "reach":
      return { ...now, heard: fact.data.heard };
    case "kept": {
      const { key, value } = fact.data;
      const errors = without(now.errors, [key]);
      if (value === undefined) return { ...now, errors };
      // Applied before the event that goes to all views, so that nothing flickers.
      const providers = now.providers.map((each) => filled(each, key, value));
      // The result of an earlier test no longer holds.
      return { ...now, providers, took: without(now.took, [parts(key)[0]]), errors };
    }
    case "refused": {
      const { key } = fact.data;
      const error = beside(key, fact.data.error);
      return { ...now, errors: { ...now.errors, [key]: error } };
    }
    case "asking": {
      const { names } = fact.data;
      const took = without(now.took, names);
      return { ...now, asking: [...now.asking, ...names], took, unasked: null };
    }
    case "asked": {
      const { names, seconds } = fact.data;
      const took = Object.fromEntries(names.map((name) => [name, seconds]));
      const asking = now.asking.filter((name) => !names.includes(name));
      return { ...now, asking, took: { ...now.took, ...took } };
    }
    case "unasked": {
      const { names, error } = fact.data;
      const asking = now.asking.filter((name) => !names.includes(name));
      return { ...now, asking, unasked: error };
    }
    default:
      return now;
  }
}
