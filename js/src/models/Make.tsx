import { useState } from "preact/hooks";
import { AddEmbedded } from "./AddEmbedded";
import type { Actions } from "./actions";
import { Create } from "./Create";
import type { CreateForm } from "./form";
import { Quantize } from "./Quantize";
import type { QuantizeForm } from "./quantizing";
import type { ModelsModel } from "./reducer";

export type Making = "create" | "quantize" | "embedded";

interface Props {
  model: ModelsModel;
  can: Actions;
  disabled: boolean;
  making: Making;
  onMake: (making: Making) => void;
  form: CreateForm;
  onForm: (form: CreateForm) => void;
  quantize: QuantizeForm;
  onQuantize: (form: QuantizeForm) => void;
}

const WAYS: Record<Making, string> = {
  create: "New model in Ollama",
  quantize: "Quantize",
  embedded: "Add to the embedded engine",
};

/** The ways to a new model. A form that is left keeps what was typed. */
export function Make(props: Props) {
  const { model, can, disabled, making, onMake } = props;
  const [embedded, setEmbedded] = useState({ source: "", name: "" });
  return (
    <div class="pl-make">
      <fieldset class="pl-chips">
        <legend class="pl-hidden">What to make</legend>
        {(Object.keys(WAYS) as Making[]).map((way) => (
          <button
            key={way}
            type="button"
            class="pl-chip"
            aria-pressed={making === way}
            onClick={() => onMake(way)}
          >
            {WAYS[way]}
          </button>
        ))}
      </fieldset>
      {making === "create" && (
        <Create {...{ model, can, disabled }} form={props.form} onForm={props.onForm} />
      )}
      {making === "quantize" && (
        <Quantize
          {...{ model, can, disabled }}
          form={props.quantize}
          onForm={props.onQuantize}
        />
      )}
      {making === "embedded" && (
        <AddEmbedded {...{ can, disabled }} form={embedded} onForm={setEmbedded} />
      )}
    </div>
  );
}
