// The form of a new model, and what is sent of it.
import type { CreateParams, MessageInput, ModelRow, PairInput } from "../protocol";
import { whole } from "./finding";
import { stem } from "./words";

export type Start = CreateParams["start"];

/** A row of a list that the user edits; `key` stays while it moves. */
export type Keyed<T> = T & { key: number };

export interface CreateForm {
  name: string;
  start: Start;
  /** What is started from, for each way to start: none is lost when another is tried. */
  sources: Readonly<Record<Start, string>>;
  system: string;
  template: string;
  license: string;
  adapter: string;
  parameters: readonly Keyed<PairInput>[];
  messages: readonly Keyed<MessageInput>[];
  quantize: string;
}

export const emptyForm: CreateForm = {
  name: "",
  start: "model",
  sources: { model: "", modelfile: "", gguf: "", safetensors: "", hub: "" },
  system: "",
  template: "",
  license: "",
  adapter: "",
  parameters: [],
  messages: [],
  quantize: "",
};

/** A form that starts from an installed model. */
export const formFrom = (now: CreateForm, row: ModelRow): CreateForm => ({
  ...now,
  start: "model",
  sources: { ...now.sources, model: row.id },
  name: now.name || `${stem(row.name)}-mine`,
});

/** The parameters that a model can have, as Ollama names them. */
export const PARAMETERS = [
  "num_ctx",
  "temperature",
  "top_k",
  "top_p",
  "min_p",
  "stop",
  "seed",
  "num_predict",
  "repeat_penalty",
  "repeat_last_n",
  "presence_penalty",
  "frequency_penalty",
  "typical_p",
  "num_keep",
  "num_gpu",
  "num_thread",
  "num_batch",
  "main_gpu",
  "use_mmap",
  "draft_num_predict",
] as const;

/** The types that the server quantizes to. */
export const NATIVE = ["Q8_0", "Q4_K_M", "Q4_K_S"] as const;

/** Whether numbers of this type can be quantized. */
export const isBase = (quantization: string) =>
  ["F16", "BF16", "F32"].includes(quantization.toUpperCase());

/** Whether the server can quantize what the form starts from, as far as is known. */
export function quantizable(form: CreateForm, rows: readonly ModelRow[]): boolean {
  const source = form.sources[form.start].trim();
  if (form.start === "gguf" || form.start === "safetensors") return true;
  if (form.start === "hub") return /:b?f16$/i.test(source);
  if (form.start === "modelfile") return false;
  const row = rows.find(({ id }) => id === source);
  // Servers take F32 for no type at all.
  return row !== undefined && isBase(row.quantization) && row.quantization !== "F32";
}

/** What a form says, as it is sent. */
export function paramsOf(form: CreateForm, rows: readonly ModelRow[]): CreateParams {
  const { name, start, system, template, license, adapter } = form;
  return {
    name: name.trim(),
    start,
    source: form.sources[start],
    system,
    template,
    license,
    adapter: adapter.trim(),
    parameters: form.parameters
      .filter((each) => each.name.trim())
      .map(({ name, value }) => ({ name, value })),
    messages: form.messages
      .filter(({ content }) => content.trim())
      .map(({ role, content }) => ({ role, content })),
    quantize: quantizable(form, rows) ? form.quantize : "",
  };
}

/** Why a form cannot be sent yet; "" if it can. */
export function lacking(form: CreateForm): string {
  if (!form.sources[form.start].trim()) return "Say what it starts from.";
  if (!form.name.trim()) return "Give it a name.";
  return "";
}

/** The installed model that a new one of this name would replace. */
export const replaced = (name: string, rows: readonly ModelRow[]) =>
  name.trim()
    ? rows.find(
        (row) =>
          row.provider === "ollama" &&
          whole(row.name) === whole(name.trim().replace(/^ollama\//, "")),
      )
    : undefined;

let last = 0;

/** A row with a key of its own. */
export const keyed = <T>(row: T): Keyed<T> => ({ ...row, key: ++last });

/** Some rows with one changed, or without it if there is no change. */
export const edited = <T>(
  rows: readonly Keyed<T>[],
  key: number,
  change: Partial<T> | null,
): Keyed<T>[] =>
  change
    ? rows.map((row) => (row.key === key ? { ...row, ...change } : row))
    : rows.filter((row) => row.key !== key);
