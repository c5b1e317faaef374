import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { shown } from "../bridge";
import { type Column, Dots, Field, Problem, Select, Table } from "../kit";
import type { Failure, QuantizeChoice, QuantizeTypes } from "../protocol";
import { bytes } from "../ui/amounts";
import type { Actions } from "./actions";
import { isBase, replaced } from "./form";
import { Go } from "./Go";
import { type QuantizeForm, suggestion } from "./quantizing";
import type { ModelsModel } from "./reducer";
import { tried } from "./trying";

interface Props {
  model: ModelsModel;
  can: Actions;
  disabled: boolean;
  form: QuantizeForm;
  onForm: (form: QuantizeForm) => void;
}

const PLACES = [
  { value: "ollama", label: "Ollama" },
  { value: "embedded", label: "The embedded engine" },
  { value: "file", label: "A file" },
];

const COLUMNS: Column<QuantizeChoice>[] = [
  { key: "name", label: "Type", value: ({ name }) => name, main: true },
  { key: "bits", label: "Bits", value: ({ bits }) => bits, align: "end" },
  {
    key: "size",
    label: "Size",
    align: "end",
    value: ({ size }) => size,
    cell: ({ size }) => (size ? bytes(size) : ""),
  },
  { key: "description", label: "What it is", cell: ({ description }) => description },
  {
    key: "native",
    label: "Made by",
    cell: ({ native }) => (native ? "Ollama" : "this kernel"),
  },
];

/** A smaller model of one that is not quantized yet. */
export function Quantize({ model, can, disabled, form, onForm }: Props) {
  const { source, type, place, target } = form;
  const [types, setTypes] = useState<QuantizeTypes | null>(null);
  const [problem, setProblem] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);
  const list = useRef<HTMLDivElement>(null);
  // The type that is chosen at first is seen, wherever it is in the list.
  useLayoutEffect(() => {
    const chosen = list.current?.querySelector<HTMLElement>(".pl-selected");
    const box = list.current?.firstElementChild;
    if (chosen && box) box.scrollTop = chosen.offsetTop - box.clientHeight / 2;
  }, [types]);
  const bases = useMemo(
    () =>
      model.models
        .filter((row) => !row.remote && isBase(row.quantization))
        .map((row) => ({
          value: row.id,
          label: row.provider === "ollama" ? row.name : row.id,
          description: [row.quantization, row.size != null && bytes(row.size)]
            .filter(Boolean)
            .join(" · "),
        })),
    [model.models],
  );
  useEffect(() => {
    setTypes(null);
    setProblem(null);
    if (!source.trim() || disabled) return;
    const ending = new AbortController();
    can
      .request("quantize_types", { source }, { signal: ending.signal })
      .then(({ result }) => setTypes(result))
      .catch((error) => {
        if (!ending.signal.aborted) setProblem(shown(error));
      });
    return () => ending.abort();
  }, [source, disabled]);
  const change = (what: Partial<QuantizeForm>) => {
    const next = { ...form, ...what };
    // A name that was proposed follows the type; one that was typed stays.
    const proposed = target === "" || target === suggestion(form);
    onForm({
      ...next,
      target: proposed && !("target" in what) ? suggestion(next) : next.target,
    });
  };
  const there = types?.types.some(({ name }) => name === type) ?? false;
  const lack = !source.trim()
    ? "Say what to quantize."
    : !there
      ? "Choose a type."
      : target.trim()
        ? ""
        : "Say where it goes.";
  const old = place === "ollama" ? replaced(target, model.models) : undefined;
  const start = async () => {
    setBusy(true);
    setProblem(await tried(can.request("quantize", { source, type, place, target })));
    setBusy(false);
  };
  return (
    <div class="pl-form">
      <Select
        label="Model or GGUF file"
        value={source}
        options={bases}
        free="first"
        placeholder="Choose a model, or type the path of a GGUF file"
        hint="Only F16, BF16 and F32 can be quantized: many models have a tag with fp16."
        empty="No other model can be quantized. Enter takes what is typed, the path of a GGUF file."
        onSelect={(typed) => {
          // A name that was typed in full is that of the model, not a path.
          const base = bases.find(({ label }) => label === typed);
          change({ source: base?.value ?? typed });
        }}
      />
      {source && !types && !problem && (
        <div class="pl-models-wait" role="status">
          <Dots /> Looking what it can become…
        </div>
      )}
      {types && (
        <div class="pl-form-types" ref={list}>
          <Table
            label="Types to quantize to"
            columns={COLUMNS}
            rows={types.types}
            rowKey={({ name }) => name}
            selected={new Set([type])}
            onSelect={({ name }) => change({ type: name })}
          />
        </div>
      )}
      <div class="pl-form-pair">
        <Select
          label="Where it goes"
          value={place}
          options={PLACES}
          onSelect={(place) => change({ place: place as QuantizeForm["place"] })}
        />
        <Field
          label={place === "file" ? "Path of the new file" : "Name of the new model"}
          value={target}
          code
          hint={old && `There is a ${old.name} already: it is replaced.`}
          placeholder={place === "file" ? "model-q4_K_M.gguf" : "my-model:q4_K_M"}
          onInput={(target) => onForm({ ...form, target })}
        />
      </div>
      {problem && <Problem error={problem} onDismiss={() => setProblem(null)} />}
      <div class="pl-form-foot">
        <Go
          label="Quantize"
          icon="cube"
          {...{ busy, disabled, lack, old }}
          onGo={start}
        />
        <span class="pl-quiet">{lack || summary(types, type)}</span>
      </div>
    </div>
  );
}

/** "16.1 GB become about 4.9 GB". */
function summary(types: QuantizeTypes | null, type: string): string {
  const size = types?.types.find(({ name }) => name === type)?.size;
  return size && types?.size ? `${bytes(types.size)} become about ${bytes(size)}` : "";
}
