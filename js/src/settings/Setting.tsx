import { useRef, useState } from "preact/hooks";
import { Field, IconButton, ModelSelect, Select, Switch } from "../kit";
import type { Failure, ModelGroup, SettingData } from "../protocol";
import type { Actions } from "./actions";
import { isChanged, said, typed, type Value } from "./reducer";

/** The models that can be chosen, and what asks for them. */
export interface Models {
  models: readonly ModelGroup[];
  listModels: () => void;
}

interface Props extends Actions, Partial<Models> {
  setting: SettingData;
  error: Failure | undefined;
}

interface InputProps extends Partial<Models> {
  setting: SettingData;
  hint: string;
  error: string | undefined;
  onSet: (value: Value) => Promise<boolean>;
  onForgive: () => void;
}

/** A setting that is typed; sent when the field loses the focus, or by Enter. */
function Typed({ setting, hint, error, onSet, onForgive }: InputProps) {
  // Null while the field shows the current value.
  const [draft, setDraft] = useState<string | null>(null);
  const sent = useRef<string | null>(null);
  const usual = said(setting.default);
  const back = () => {
    sent.current = null;
    setDraft(null);
    onForgive();
  };
  const done = async () => {
    if (draft === null || sent.current === draft) return;
    const value = typed(setting, draft);
    if (value === (setting.value ?? null)) {
      back();
      return;
    }
    sent.current = draft;
    // A refused value stays in the field, to be corrected.
    if (await onSet(value)) {
      setDraft((now) => (now === draft ? null : now));
      sent.current = null;
    }
  };
  return (
    <Field
      kind={setting.kind === "area" ? "area" : "text"}
      lines={[2, 12]}
      label={setting.title}
      hint={hint}
      error={error}
      value={draft ?? said(setting.value)}
      placeholder={usual || "Not set"}
      onInput={setDraft}
      onDone={done}
      onKeyDown={(event) => {
        if (event.key === "Escape" && draft !== null) {
          event.stopPropagation();
          back();
        }
      }}
    />
  );
}

function Input(props: InputProps) {
  const { setting, hint, error, onSet, models = [], listModels } = props;
  const { kind, title, value, choices, optional } = setting;
  if (kind === "switch")
    return <Switch label={title} hint={hint} on={value === true} onChange={onSet} />;
  if (kind === "model" && listModels) {
    return (
      <ModelSelect
        label={title}
        hint={hint}
        error={error}
        value={said(value)}
        groups={models}
        none="Not set"
        onOpen={listModels}
        onSelect={(model) => onSet(model || null)}
      />
    );
  }
  if (kind !== "choice") return <Typed {...props} />;
  const options = choices.map((choice) => ({ value: choice, label: choice }));
  return (
    <Select
      label={title}
      hint={hint}
      error={error}
      value={said(value)}
      options={optional ? [{ value: "", label: "Not set" }, ...options] : options}
      onSelect={(choice) => onSet(choice || null)}
    />
  );
}

/** A number's bounds in words, if they are worth showing. */
function bounds({ minimum, maximum }: SettingData): string {
  const low = minimum ?? Number.NEGATIVE_INFINITY;
  const high = maximum ?? Number.POSITIVE_INFINITY;
  if (high <= 1000) return Number.isFinite(low) ? `From ${low} to ${high}.` : "";
  return low > 0 && Number.isFinite(low) ? `At least ${low}.` : "";
}

/** One setting: title, description, field, and a button that resets it. */
export function Setting({ setting, error, set, forgive, ...more }: Props) {
  const { key, title, description, default: usual } = setting;
  const hint = [description.replaceAll("`", ""), bounds(setting)];
  const reset = () => {
    forgive(key);
    set(key, null);
  };
  return (
    <div class={`pl-setting pl-setting-${setting.kind}`}>
      <Input
        {...more}
        setting={setting}
        hint={hint.filter(Boolean).join(" ")}
        error={error && [error.message, error.hint].filter(Boolean).join(" ")}
        onSet={(value) => set(key, value)}
        onForgive={() => forgive(key)}
      />
      {isChanged(setting) && (
        <IconButton
          class="pl-setting-reset"
          icon="retry"
          label={`Reset ${title} to ${said(usual) || "not set"}`}
          onClick={reset}
        />
      )}
    </div>
  );
}
