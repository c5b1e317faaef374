// A provider's status, in a few words.
import type { ProviderData } from "../protocol";

/** The status as a colour: fine, something is missing, it does not work. */
export type Tone = "off" | "busy" | "good" | "want" | "bad" | "unknown";

export interface Standing {
  tone: Tone;
  words: string;
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** A text of the kernel without backticks, which are not rendered here. */
export const plain = (text: string | null | undefined) =>
  (text ?? "").replaceAll("`", "");

export const counted = (models: number) =>
  `${models.toLocaleString("en")} model${models === 1 ? "" : "s"}`;

const UNITS = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
] as const;

/** How long ago something was; negative times are "just now". */
export function ago(seconds: number): string {
  for (const [unit, length] of UNITS) {
    const count = Math.floor(seconds / length);
    if (count >= 1) return `${count} ${unit}${count > 1 ? "s" : ""} ago`;
  }
  return "just now";
}

/** Whether a local provider only has to be started. */
export const isDown = ({ local, failure, models }: ProviderData) =>
  local && failure?.code === "unreachable" && models === 0;

export function standing(provider: ProviderData, asking: boolean): Standing {
  const { enabled, lacks, failure, models, listed } = provider;
  const lack = lacks[0];
  if (!enabled) return { tone: "off", words: "Off" };
  if (asking) return { tone: "busy", words: "Asking…" };
  if (lack) return { tone: "want", words: capital(lack.what) };
  if (isDown(provider)) return { tone: "want", words: "Not running" };
  if (failure) {
    const said = plain(failure.message).replace(`${provider.title}: `, "");
    const why = said.replace(/\.$/, "");
    return { tone: "bad", words: models ? `${counted(models)}, stale` : capital(why) };
  }
  if (listed == null) return { tone: "unknown", words: "Not asked yet" };
  return { tone: "good", words: counted(models) };
}

/**
 * Where a provider stands in the list: those that answer first, then what has to be
 * done, the nearest first, and at the end what is off.
 */
export function rankOf(provider: ProviderData): number {
  const { enabled, missing_key, lacks } = provider;
  if (!enabled) return 6;
  const { tone } = standing(provider, false);
  if (tone === "good") return 0;
  if (tone === "unknown") return 1;
  if (tone === "bad") return 2;
  // What lacks more than its key is not ready with one.
  if (missing_key) return lacks.length > 1 ? 4 : 3;
  return isDown(provider) ? 5 : 4;
}

/** Whether a provider can be asked: enabled, and nothing is missing. */
export const askable = ({ enabled, lacks }: ProviderData) =>
  enabled && lacks.length === 0;

/** Where a provider's address comes from. */
export function sourced({ source, settings }: ProviderData): string {
  if (source === "setting") return "set here";
  if (source) return `from ${source}`;
  return settings.some(({ key }) => key.endsWith(".base_url")) ? "the default" : "";
}
