// What the view of the providers shows, as a function of what the kernel said.
import type { Fact } from "../event-order";
import type { Failure, ProviderData } from "../protocol";
import type { Value } from "../settings/reducer";

export interface ProvidersModel {
  providers: readonly ProviderData[];
  /** Where a key is to be put, in words. */
  keysBelong: string;
  /** What is wrong with the file of the settings. */
  problem: Failure | null;
  /** What the kernel refused, by the setting's key. */
  errors: Readonly<Record<string, Failure>>;
  /** Who is asked for models at the moment. */
  asking: readonly string[];
  /** How many seconds those took that this page has asked last, by name. */
  took: Readonly<Record<string, number>>;
  /** Why this page could not ask. */
  unasked: Failure | null;
  /** The kernel's clock less this page's, in seconds. */
  ahead: number;
  ready: boolean;
  /** Whether the kernel hears this page; null until it is known. */
  heard: boolean | null;
}

export const initial: ProvidersModel = {
  providers: [],
  keysBelong: "",
  problem: null,
  errors: {},
  asking: [],
  took: {},
  unasked: null,
  ahead: 0,
  ready: false,
  heard: null,
};

/** What is set by a key: of whom, and what. A provider's name may hold dots. */
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

/** A provider with a new value of one of its settings. */
function filled(provider: ProviderData, key: string, value: Value): ProviderData {
  const [name, field] = parts(key);
  if (name !== provider.name) return provider;
  // On is how it is where nothing is chosen.
  if (field === "enabled") return { ...provider, enabled: value !== false };
  const settings = (provider.settings ?? []).map((setting) =>
    setting.key === key ? { ...setting, value } : setting,
  );
  return { ...provider, settings };
}

/** An error beside the field it is about need not name it. */
function beside(key: string, error: Failure): Failure {
  const message = error.message.replace(`${key}: `, "").replace(key, "This");
  return { ...error, message: message.charAt(0).toUpperCase() + message.slice(1) };
}

/** `clock` is the page's, in seconds since 1970. */
export function reduce(
  now: ProvidersModel,
  { event, data }: Fact,
  clock: number,
): ProvidersModel {
  const names = data.names as readonly string[];
  switch (event) {
    case "snapshot":
      return {
        ...now,
        ready: true,
        providers: data.providers as ProviderData[],
        keysBelong: String(data.keys_belong ?? ""),
        problem: (data.problem as Failure | undefined) ?? null,
        ahead: Number(data.now) - clock,
      };
    case "providers":
      return {
        ...now,
        providers: merged(now.providers, data.changed as ProviderData[]),
        problem: (data.problem as Failure | undefined) ?? null,
        ahead: Number(data.now) - clock,
      };
    case "reach":
      return { ...now, heard: data.heard === true };
    case "kept": {
      // Told before the event that tells it to all, so that nothing flickers.
      const key = String(data.key);
      const providers =
        "value" in data
          ? now.providers.map((each) => filled(each, key, data.value as Value))
          : now.providers;
      // What a test said, it said of what was set then.
      const took = "value" in data ? without(now.took, [parts(key)[0]]) : now.took;
      return { ...now, providers, took, errors: without(now.errors, [key]) };
    }
    case "refused": {
      const key = String(data.key);
      const error = beside(key, data.error as Failure);
      return { ...now, errors: { ...now.errors, [key]: error } };
    }
    case "asking":
      return {
        ...now,
        asking: [...now.asking, ...names],
        took: without(now.took, names),
        unasked: null,
      };
    case "asked": {
      const seconds = Number(data.seconds);
      const took = Object.fromEntries(names.map((name) => [name, seconds]));
      const asking = now.asking.filter((name) => !names.includes(name));
      return { ...now, asking, took: { ...now.took, ...took } };
    }
    case "unasked":
      return {
        ...now,
        asking: now.asking.filter((name) => !names.includes(name)),
        unasked: data.error as Failure,
      };
    default:
      return now;
  }
}
