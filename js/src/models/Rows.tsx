import { Button, Field, IconButton, Select } from "../kit";
import type { MessageInput, PairInput } from "../protocol";
import { edited, type Keyed, keyed, PARAMETERS } from "./form";

interface Props<T> {
  rows: readonly Keyed<T>[];
  onChange: (rows: Keyed<T>[]) => void;
}

const NAMES = PARAMETERS.map((value) => ({ value }));
const ROLES = ["system", "user", "assistant"].map((value) => ({ value }));

/** The parameters of a new model, a row for each. */
export function Parameters({ rows, onChange }: Props<PairInput>) {
  return (
    <div class="pl-form-rows">
      {rows.map(({ key, name, value }, index) => (
        <div key={key} class="pl-form-row">
          <Select
            label={`Name of parameter ${index + 1}`}
            hideLabel
            value={name}
            options={NAMES}
            free
            placeholder="num_ctx"
            onSelect={(name) => onChange(edited(rows, key, { name }))}
          />
          <Field
            label={`Value of parameter ${index + 1}`}
            hideLabel
            value={value}
            code
            onInput={(value) => onChange(edited(rows, key, { value }))}
          />
          <IconButton
            label={`Remove parameter ${index + 1}`}
            icon="close"
            onClick={() => onChange(edited(rows, key, null))}
          />
        </div>
      ))}
      <Button
        label="Add a parameter"
        icon="plus"
        size="small"
        onClick={() => onChange([...rows, keyed({ name: "", value: "" })])}
      />
    </div>
  );
}

/** Messages that a new model is given before each conversation. */
export function Messages({ rows, onChange }: Props<MessageInput>) {
  const add = () => {
    const role = rows.at(-1)?.role === "user" ? "assistant" : "user";
    onChange([...rows, keyed<MessageInput>({ role, content: "" })]);
  };
  return (
    <div class="pl-form-rows">
      {rows.map(({ key, role, content }, index) => (
        <div key={key} class="pl-form-row pl-form-message">
          <Select
            label={`Role of message ${index + 1}`}
            hideLabel
            value={role}
            options={ROLES}
            onSelect={(role) =>
              onChange(edited(rows, key, { role: role as MessageInput["role"] }))
            }
          />
          <Field
            kind="area"
            label={`Text of message ${index + 1}`}
            hideLabel
            value={content}
            lines={[1, 8]}
            onInput={(content) => onChange(edited(rows, key, { content }))}
          />
          <IconButton
            label={`Remove message ${index + 1}`}
            icon="close"
            onClick={() => onChange(edited(rows, key, null))}
          />
        </div>
      ))}
      <Button label="Add a message" icon="plus" size="small" onClick={add} />
    </div>
  );
}
