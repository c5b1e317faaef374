import { useId, useState } from "preact/hooks";
import type { Failure, SettingData } from "../protocol";
import { Button } from "../ui/Button";
import { isChanged, typed, type Value } from "./reducer";
import type { Actions } from "./Settings";

interface Props extends Actions {
  setting: SettingData;
  error: Failure | undefined;
}

const shown = (value: Value | undefined) => (value == null ? "" : String(value));

/** What a number may be, in words. */
function bounds({ minimum, maximum }: SettingData): string {
  if (minimum != null && maximum != null) return `${minimum} to ${maximum}.`;
  if (minimum != null) return `${minimum} or more.`;
  return maximum != null ? `${maximum} at most.` : "";
}

interface ControlProps {
  id: string;
  setting: SettingData;
  /** What is being typed; null while the field shows what is chosen. */
  draft: Value;
  describedBy: string;
  invalid: boolean;
  onDraft: (draft: Value) => void;
  onDone: (value: Value) => void;
  onEscape: () => void;
}

function Control(props: ControlProps) {
  const { id, setting, draft, describedBy, invalid, onDraft, onDone, onEscape } = props;
  const common = {
    id,
    "aria-describedby": describedBy,
    "aria-invalid": invalid || undefined,
  };
  if (setting.kind === "switch") {
    const on = (draft ?? setting.value) === true;
    return (
      <button
        {...common}
        type="button"
        role="switch"
        class="pl-switch"
        aria-checked={on}
        onClick={() => {
          onDraft(!on);
          onDone(!on);
        }}
      />
    );
  }
  const text = shown(draft ?? setting.value);
  if (setting.kind === "choice") {
    const choose = (event: Event) =>
      onDone((event.currentTarget as HTMLSelectElement).value || null);
    return (
      <select {...common} class="pl-input" value={text} onChange={choose}>
        {setting.optional && <option value="">{shown(setting.default)}</option>}
        {setting.choices?.map((choice) => (
          <option key={choice}>{choice}</option>
        ))}
      </select>
    );
  }
  const typing = {
    ...common,
    class: "pl-input",
    value: text,
    placeholder: shown(setting.default) || "Not set",
    autocomplete: "off",
    spellcheck: setting.kind === "area",
    onInput: (event: Event) => onDraft((event.currentTarget as HTMLInputElement).value),
    onChange: (event: Event) =>
      onDone(typed(setting, (event.currentTarget as HTMLInputElement).value)),
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key === "Escape" && draft !== null) {
        event.stopPropagation();
        onEscape();
      }
    },
  };
  if (setting.kind === "area") return <textarea {...typing} rows={3} />;
  const numeric = setting.kind !== "text";
  return <input {...typing} type="text" inputMode={numeric ? "decimal" : "text"} />;
}

/** One setting: its name, what it does, its field, and a way back to the default. */
export function Setting({ setting, error, set, forgive }: Props) {
  const id = useId();
  const [draft, setDraft] = useState<Value>(null);
  const { key, title, description, default: usual } = setting;
  const change = async (value: Value) => {
    // A field that was refused keeps what was typed, to be mended.
    if (await set(key, value)) setDraft(null);
    else if (typeof value === "boolean") setDraft(null);
  };
  const back = () => {
    setDraft(null);
    forgive(key);
  };
  const about = [description, bounds(setting)].filter(Boolean).join(" ");
  const changed = isChanged(setting);
  return (
    <div class={`pl-setting pl-setting-${setting.kind}`}>
      <div class="pl-setting-words">
        <label for={id}>{title}</label>
        {about && (
          <div class="pl-quiet" id={`${id}-about`}>
            {about}
          </div>
        )}
      </div>
      <div class="pl-setting-field">
        <Control
          id={id}
          setting={setting}
          draft={draft}
          describedBy={`${id}-about ${error ? `${id}-error` : ""}`}
          invalid={error !== undefined}
          onDraft={setDraft}
          onDone={change}
          onEscape={back}
        />
        {changed && (
          <Button
            kind="quiet"
            label={`Reset ${title} to ${shown(usual) || "not set"}`}
            onClick={() => {
              back();
              set(key, null);
            }}
          >
            Reset
          </Button>
        )}
        {error && (
          <div class="pl-setting-error" id={`${id}-error`} role="alert">
            {error.message} {error.hint}
          </div>
        )}
      </div>
    </div>
  );
}
