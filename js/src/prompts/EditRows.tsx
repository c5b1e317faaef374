import { Button, Field, IconButton, Select } from "../kit";
import type { PromptText } from "../protocol";
import {
  edited,
  type Form,
  type FormVariable,
  type Keyed,
  keyed,
  moved,
  unused,
} from "./form";
import { ROLES } from "./Messages";

const OPTIONS = Object.entries(ROLES).map(([value, label]) => ({ value, label }));

interface MessagesProps {
  rows: readonly Keyed<PromptText>[];
  error: string | undefined;
  onChange: (rows: readonly Keyed<PromptText>[]) => void;
}

/** The messages of a prompt: role, text, and their order. */
export function MessageRows({ rows, error, onChange }: MessagesProps) {
  const add = () => {
    const hasSystem = rows.some(({ role }) => role === "system");
    const role = !hasSystem
      ? "system"
      : rows.at(-1)?.role === "user"
        ? "assistant"
        : "user";
    onChange([...rows, keyed<PromptText>({ role, text: "" })]);
  };
  return (
    <fieldset class={error ? "pl-prompt-rows pl-prompt-wrong" : "pl-prompt-rows"}>
      <legend class="pl-label">Messages</legend>
      {rows.map(({ key, role, text }, index) => {
        const which = `message ${index + 1}`;
        return (
          <div key={key} class="pl-prompt-edit-message">
            <div class="pl-prompt-edit-role">
              <Select
                label={`Role of ${which}`}
                hideLabel
                value={role}
                options={OPTIONS}
                onSelect={(role) =>
                  onChange(edited(rows, key, { role: role as PromptText["role"] }))
                }
              />
              <IconButton
                label={`Move ${which} up`}
                icon="chevron"
                class="pl-prompt-up"
                disabled={index === 0}
                onClick={() => onChange(moved(rows, key, -1))}
              />
              <IconButton
                label={`Move ${which} down`}
                icon="chevron"
                class="pl-prompt-down"
                disabled={index === rows.length - 1}
                onClick={() => onChange(moved(rows, key, 1))}
              />
              <IconButton
                label={`Remove ${which}`}
                icon="trash"
                onClick={() => onChange(edited(rows, key, null))}
              />
            </div>
            <Field
              kind="area"
              label={`Text of ${which}`}
              hideLabel
              code
              value={text}
              lines={[3, 20]}
              placeholder={
                role === "system"
                  ? "You are an editor. Shorten the text to {{words}} words."
                  : role === "user"
                    ? "What the user says before their own text."
                    : "What the model has answered, as an example."
              }
              onInput={(text) => onChange(edited(rows, key, { text }))}
            />
          </div>
        );
      })}
      {error && (
        <div class="pl-field-error" role="alert">
          {error}
        </div>
      )}
      <Button label="Add a message" icon="plus" size="small" onClick={add} />
    </fieldset>
  );
}

interface VariablesProps {
  form: Form;
  lacking: readonly string[];
  error: string | undefined;
  onChange: (rows: readonly Keyed<FormVariable>[]) => void;
  onDeclare: (name: string) => void;
}

/** Undeclared names that are offered, at most. */
const OFFERED = 6;

/** The variables of a prompt, and names in its texts that could be some. */
export function VariableRows({
  form,
  lacking,
  error,
  onChange,
  onDeclare,
}: VariablesProps) {
  const rows = form.variables;
  const idle = unused(form);
  return (
    <fieldset class={error ? "pl-prompt-rows pl-prompt-wrong" : "pl-prompt-rows"}>
      <legend class="pl-label">Variables</legend>
      {lacking.length > 0 && (
        <div class="pl-prompt-lacking">
          <span>Not declared, so sent as they are written:</span>
          {lacking.slice(0, OFFERED).map((name) => (
            <Button
              key={name}
              label={`Declare {{${name}}}`}
              size="small"
              icon="plus"
              onClick={() => onDeclare(name)}
            />
          ))}
          {lacking.length > OFFERED && (
            <span class="pl-quiet">and {lacking.length - OFFERED} more</span>
          )}
        </div>
      )}
      {rows.map(({ key, name, default: value, optional, description }, index) => {
        const which = name.trim() || `variable ${index + 1}`;
        const set = (change: Partial<FormVariable>) =>
          onChange(edited(rows, key, change));
        return (
          <div key={key} class="pl-prompt-edit-variable">
            <Field
              label={`Name of variable ${index + 1}`}
              hideLabel
              code
              value={name}
              placeholder="name"
              onInput={(name) => set({ name })}
            />
            <Field
              label={`Default of ${which}`}
              hideLabel
              value={value}
              placeholder={
                optional ? "Default: empty" : "Default (none: it is asked for)"
              }
              onInput={(value) => set({ default: value })}
            />
            <IconButton
              label={`Remove ${which}`}
              icon="trash"
              onClick={() => onChange(edited(rows, key, null))}
            />
            <Field
              label={`Description of ${which}`}
              hideLabel
              value={description}
              placeholder="Description"
              onInput={(description) => set({ description })}
            />
            {value === "" && (
              <label class="pl-prompt-optional">
                <input
                  type="checkbox"
                  checked={optional}
                  onClick={() => set({ optional: !optional })}
                />
                May stay empty
              </label>
            )}
            {name.trim() !== "" && idle.has(name.trim()) && (
              <span class="pl-quiet pl-prompt-idle">
                No text has {`{{${name.trim()}}}`} yet.
              </span>
            )}
          </div>
        );
      })}
      {error && (
        <div class="pl-field-error" role="alert">
          {error}
        </div>
      )}
      <Button
        label="Add a variable"
        icon="plus"
        size="small"
        onClick={() =>
          onChange([
            ...rows,
            keyed({ name: "", default: "", optional: false, description: "" }),
          ])
        }
      />
    </fieldset>
  );
}
