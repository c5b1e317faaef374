import { useMemo, useRef, useState } from "preact/hooks";
import { Button, Problem, Select } from "../kit";
import type { Failure } from "../protocol";
import type { Option } from "../ui/selection";
import type { Actions } from "./actions";
import type { ModelsModel } from "./reducer";
import { offered } from "./words";

interface Props {
  model: ModelsModel;
  can: Actions;
  disabled: boolean;
  /** Names of the library, as far as it was read. */
  known: readonly Option[];
}

/** A name to pull, completed from all that is known. */
export function Pull({ model, can, disabled, known }: Props) {
  const button = useRef<HTMLButtonElement>(null);
  const [name, setName] = useState("");
  const [typed, setTyped] = useState("");
  const [problem, setProblem] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);
  const options = useMemo(() => {
    const installed = model.models
      .filter(({ provider, remote }) => provider === "ollama" && !remote)
      .map(({ name }) => ({ value: name, group: "Installed: pull again" }));
    return [...known, ...installed];
  }, [known, model.models]);
  const pull = async (wanted: string) => {
    if (!wanted || busy || disabled) return;
    setBusy(true);
    setProblem(null);
    const error = await can.pull(wanted);
    setBusy(false);
    // What was typed stays until it is under way.
    if (error) setProblem(error);
    else setName("");
  };
  return (
    <div class="pl-models-pull">
      <Select
        label="Pull a model"
        hideLabel
        value={name}
        options={options}
        free="first"
        disabled={disabled}
        placeholder="Pull a model: llama3.2:1b, hf.co/USER/REPO"
        empty="Type a name: llama3.2:1b, hf.co/USER/REPO:Q4_K_M"
        onType={setTyped}
        onSelect={(chosen, left) => {
          setProblem(null);
          setName(chosen);
          // So that Enter once more pulls it.
          if (!left) button.current?.focus();
        }}
      />
      <Button
        label="Pull"
        icon="download"
        kind="primary"
        buttonRef={button}
        busy={busy}
        disabled={disabled || !(typed || name)}
        onClick={() => pull(typed || name)}
      />
      {problem && (
        <div class="pl-models-pull-problem">
          <Problem error={problem} onDismiss={() => setProblem(null)} />
          {offered(problem)?.names.map((other) => (
            <Button
              key={other}
              label={other}
              size="small"
              onClick={() => {
                setName(other);
                pull(other);
              }}
            />
          ))}
        </div>
      )}
    </div>
  );
}
