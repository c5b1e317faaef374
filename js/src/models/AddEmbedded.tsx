import { useState } from "preact/hooks";
import { Button, Field, Problem } from "../kit";
import type { Failure } from "../protocol";
import type { Actions } from "./actions";
import { tried } from "./trying";

export interface EmbeddedForm {
  source: string;
  name: string;
}

interface Props {
  can: Actions;
  disabled: boolean;
  form: EmbeddedForm;
  onForm: (form: EmbeddedForm) => void;
}

/** A GGUF file for the embedded engine, which runs without Ollama. */
export function AddEmbedded({ can, disabled, form, onForm }: Props) {
  const { source, name } = form;
  const [problem, setProblem] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);
  const add = async () => {
    if (!source.trim() || busy || disabled) return;
    setBusy(true);
    const asked = { source: source.trim(), name: name.trim() };
    setProblem(await tried(can.request("add_embedded", asked)));
    setBusy(false);
  };
  return (
    <div class="pl-form">
      <Field
        label="GGUF file"
        value={source}
        code
        placeholder="PATH, hf.co/USER/REPO:Q4_K_M, or https://…/file.gguf"
        hint="A file of the kernel's machine stays where it is; others are downloaded."
        onInput={(source) => onForm({ ...form, source })}
      />
      <Field
        label="Name"
        value={name}
        code
        hint="Empty: as its file is called. It is used as embedded/NAME."
        onInput={(name) => onForm({ ...form, name })}
      />
      {problem && <Problem error={problem} onDismiss={() => setProblem(null)} />}
      <div class="pl-form-foot">
        <Button
          label="Add"
          kind="primary"
          icon="plus"
          busy={busy}
          disabled={disabled || !source.trim()}
          onClick={add}
        />
      </div>
    </div>
  );
}
