import { useMemo } from "preact/hooks";
import { Field, Select } from "../kit";
import { bytes } from "../ui/amounts";
import { type CreateForm, NATIVE, quantizable } from "./form";
import type { ModelsModel } from "./reducer";

interface Props {
  model: ModelsModel;
  form: CreateForm;
  onChange: (change: Partial<CreateForm>) => void;
}

const TYPES = [
  { value: "", label: "Keep it as it is" },
  ...NATIVE.map((name) => ({ value: name, description: "by the server" })),
];

/** What a new model starts from, and whether it is quantized on the way. */
export function Source({ model, form, onChange }: Props) {
  const { start, sources } = form;
  const models = useMemo(
    () =>
      model.models
        .filter(({ provider }) => provider === "ollama")
        .map(({ id, name, size, quantization }) => ({
          value: id,
          label: name,
          description: [quantization, size != null && bytes(size)]
            .filter(Boolean)
            .join(" · "),
        })),
    [model.models],
  );
  const set = (text: string) => onChange({ sources: { ...sources, [start]: text } });
  const field = { value: sources[start], onInput: set, code: true };
  return (
    <>
      {start === "model" && (
        <Select
          label="Model"
          value={sources.model}
          options={models}
          placeholder="Choose a model"
          empty="No model of Ollama has this name."
          onSelect={set}
        />
      )}
      {start === "modelfile" && (
        <Field
          {...field}
          kind="area"
          label="Modelfile"
          lines={[6, 24]}
          placeholder={"FROM llama3.2:1b\nPARAMETER temperature 0.5"}
          hint="Paths in it are taken from the notebook's folder on."
        />
      )}
      {start === "gguf" && (
        <Field
          {...field}
          label="GGUF file"
          placeholder="models/model-f16.gguf"
          hint="A path on the kernel's machine. It is uploaded to Ollama."
        />
      )}
      {start === "safetensors" && (
        <Field
          {...field}
          label="Folder"
          placeholder="models/my-model"
          hint="With config.json, a tokenizer and the weights, on the kernel's machine."
        />
      )}
      {start === "hub" && (
        <Field
          {...field}
          label="Model of Hugging Face"
          placeholder="hf.co/USER/REPO:Q4_K_M"
          hint="It needs to have GGUF files. The server downloads it."
        />
      )}
      {quantizable(form, model.models) && (
        <Select
          label="Quantize to"
          value={form.quantize}
          options={TYPES}
          hint="The server takes F16 and BF16. Quantize, above, makes other types too."
          onSelect={(quantize) => onChange({ quantize })}
        />
      )}
    </>
  );
}
