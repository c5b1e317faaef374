import { useState } from "preact/hooks";
import { Button, Disclosure, Field, Problem, Select } from "../kit";
import type { Failure } from "../protocol";
import type { Actions } from "./actions";
import { type CreateForm, emptyForm, lacking, paramsOf, replaced } from "./form";
import { Go } from "./Go";
import { Preview } from "./Preview";
import { Messages, Parameters } from "./Rows";
import type { ModelsModel } from "./reducer";
import { Source } from "./Source";
import { tried } from "./trying";

interface Props {
  model: ModelsModel;
  can: Actions;
  disabled: boolean;
  form: CreateForm;
  onForm: (form: CreateForm) => void;
}

const STARTS = [
  { value: "model", label: "An installed model" },
  { value: "modelfile", label: "A Modelfile" },
  { value: "gguf", label: "A GGUF file" },
  { value: "safetensors", label: "A folder of safetensors" },
  { value: "hub", label: "A model of Hugging Face" },
];

/** A new model in Ollama. What was typed stays, whatever becomes of it. */
export function Create({ model, can, disabled, form, onForm }: Props) {
  const [problem, setProblem] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);
  const change = (what: Partial<CreateForm>) => {
    setProblem(null);
    onForm({ ...form, ...what });
  };
  const lack = lacking(form);
  const old = replaced(form.name, model.models);
  const create = async () => {
    setBusy(true);
    const request = can.request("create", paramsOf(form, model.models));
    setProblem(await tried(request));
    setBusy(false);
  };
  return (
    <div class="pl-form">
      <div class="pl-form-pair">
        <Select
          label="Start from"
          value={form.start}
          options={STARTS}
          onSelect={(start) => change({ start: start as CreateForm["start"] })}
        />
        <Field
          label="Name"
          value={form.name}
          code
          placeholder="my-model"
          hint={
            old
              ? `There is a ${old.name} already: it is replaced.`
              : "How it will be called: NAME or NAME:TAG."
          }
          onInput={(name) => change({ name })}
        />
      </div>
      <Source {...{ model, form }} onChange={change} />
      <Field
        kind="area"
        label="System prompt"
        value={form.system}
        lines={[2, 12]}
        hint="Empty: that of what it starts from."
        onInput={(system) => change({ system })}
      />
      <div class="pl-form-more">
        <Disclosure label="Parameters" {...noted(form.parameters.length)}>
          <Parameters
            rows={form.parameters}
            onChange={(parameters) => change({ parameters })}
          />
        </Disclosure>
        <Disclosure label="Messages" {...noted(form.messages.length)}>
          <Messages
            rows={form.messages}
            onChange={(messages) => change({ messages })}
          />
        </Disclosure>
        <Disclosure label="Template, license, adapter" {...noted(more(form))}>
          <div class="pl-form-rows">
            <Field
              kind="area"
              label="Template"
              code
              value={form.template}
              lines={[2, 16]}
              hint="A Go template of prompts. Empty: that of what it starts from."
              onInput={(template) => change({ template })}
            />
            <Field
              kind="area"
              label="License"
              value={form.license}
              lines={[2, 8]}
              onInput={(license) => change({ license })}
            />
            <Field
              label="Adapter"
              code
              value={form.adapter}
              placeholder="PATH of a GGUF file or a folder of safetensors"
              onInput={(adapter) => change({ adapter })}
            />
          </div>
        </Disclosure>
        <Preview {...{ can, disabled }} params={paramsOf(form, model.models)} />
      </div>
      {problem && <Problem error={problem} onDismiss={() => setProblem(null)} />}
      <div class="pl-form-foot">
        <Go
          label="Create"
          icon="plus"
          {...{ busy, disabled, lack, old }}
          onGo={create}
        />
        <Button
          label="Clear"
          kind="quiet"
          onClick={() => {
            setProblem(null);
            onForm(emptyForm);
          }}
        />
        <span class="pl-quiet">{lack}</span>
      </div>
    </div>
  );
}

const noted = (count: number) => (count ? { note: String(count) } : {});

const more = ({ template, license, adapter }: CreateForm) =>
  [template, license, adapter].filter((text) => text.trim()).length;
