// The options of a conversation as a form: which there are, what a typed text means.
import type { ChatOptions } from "../protocol";

export type OptionName = Exclude<keyof ChatOptions, "system" | "memory">;

export interface OptionField {
  name: OptionName;
  label: string;
  hint?: string;
  kind: "number" | "whole" | "lines" | "text" | "effort";
  least?: number;
  most?: number;
}

export const GROUPS: readonly { title: string; fields: readonly OptionField[] }[] = [
  {
    title: "Variety",
    fields: [
      {
        name: "temperature",
        label: "Temperature",
        hint: "0 to 2; higher is more varied.",
        kind: "number",
        least: 0,
        most: 2,
      },
      {
        name: "top_p",
        label: "Top p",
        hint: "0 to 1.",
        kind: "number",
        least: 0,
        most: 1,
      },
      {
        name: "top_k",
        label: "Top k",
        hint: "Choose among this many tokens.",
        kind: "whole",
        least: 1,
        most: 10_000,
      },
      {
        name: "seed",
        label: "Seed",
        hint: "The same seed gives the same answer, if the model supports it.",
        kind: "whole",
      },
    ],
  },
  {
    title: "Length",
    fields: [
      {
        name: "max_tokens",
        label: "Longest answer, in tokens",
        kind: "whole",
        least: 1,
      },
      {
        name: "stop",
        label: "Stop at",
        hint: "Texts that end the answer, one a line; \\n is a new line.",
        kind: "lines",
      },
      {
        name: "context_window",
        label: "Context window, in tokens",
        hint: "The model is loaded with it; more needs more memory.",
        kind: "whole",
        least: 1,
      },
      {
        name: "keep_alive",
        label: "Keep the model loaded for",
        hint: "5m, 1h, 0 for not at all, -1 for ever.",
        kind: "text",
      },
    ],
  },
  {
    title: "Thinking",
    fields: [
      {
        name: "reasoning",
        label: "Effort",
        hint: "How much a reasoning model thinks before it answers.",
        kind: "effort",
      },
      {
        name: "reasoning_budget",
        label: "Budget, in tokens",
        hint: "How many tokens it may think.",
        kind: "whole",
        least: 1,
      },
    ],
  },
];

export const FIELDS = GROUPS.flatMap(({ fields }) => fields);

export type Texts = Readonly<Record<string, string>>;

/** Stop texts of one line each. */
const LONGEST_LIST = 16;

const linesOf = (text: string) => text.split("\n").filter((line) => line !== "");

/** The texts of a form that shows these options. */
export const textsOf = (options: ChatOptions): Texts => ({
  system: options.system ?? "",
  ...Object.fromEntries(
    FIELDS.map(({ name, kind }) => {
      const value = options[name];
      const text =
        kind === "lines"
          ? ((value as string[] | null | undefined) ?? [])
              .map((line) => line.replaceAll("\\", "\\\\").replaceAll("\n", "\\n"))
              .join("\n")
          : `${value ?? ""}`;
      return [name, text];
    }),
  ),
});

/** What is wrong with a typed text; undefined if nothing is. */
export function wrong(text: string, field: Omit<OptionField, "name" | "label">) {
  const { least, most, kind } = field;
  if (!text.trim()) return undefined;
  if (kind === "lines")
    return linesOf(text).length > LONGEST_LIST
      ? `At most ${LONGEST_LIST} lines.`
      : undefined;
  if (kind === "text")
    return /^(-?\d+(\.\d+)?(ns|us|ms|s|m|h)?)+$/.test(text.trim())
      ? undefined
      : "A time like 5m, 0 or -1.";
  if (kind === "effort") return undefined;
  const value = Number(text);
  if (!Number.isFinite(value)) return "Enter a number.";
  if (kind === "whole" && !Number.isSafeInteger(value)) return "Enter a whole number.";
  if (least !== undefined && value < least) return `At least ${least}.`;
  if (most !== undefined && value > most) return `At most ${most}.`;
  return undefined;
}

const unescaped = (line: string) =>
  line.replace(/\\(.)/g, (all, letter) =>
    letter === "n" ? "\n" : letter === "t" ? "\t" : letter === "\\" ? "\\" : all,
  );

/** What a typed text means. */
function meaningOf(text: string, kind: OptionField["kind"]) {
  if (kind === "lines") return linesOf(text).map(unescaped);
  return kind === "number" || kind === "whole" ? Number(text) : text.trim();
}

/** The options that a form's texts mean; a `memory` of "" is left out from now on. */
export function optionsOf(texts: Texts, memory?: string | null): ChatOptions {
  const typed = FIELDS.filter(({ name }) => texts[name]?.trim());
  return {
    ...(texts.system?.trim() && { system: texts.system }),
    ...(memory != null && { memory }),
    ...Object.fromEntries(
      typed.map(
        ({ name, kind }) => [name, meaningOf(texts[name] ?? "", kind)] as const,
      ),
    ),
  };
}
