import { Field } from "../kit";
import type { Failure, PromptData } from "../protocol";

interface Props {
  prompt: PromptData;
  values: Readonly<Record<string, string>>;
  text: string;
  /** The variables that need a value and have none. */
  missing: readonly string[];
  problem: Failure | null;
  onValues: (values: Readonly<Record<string, string>>) => void;
  onText: (text: string) => void;
}

/** The variable that stands for what the user asks. */
const INPUT = "input";

/** Defaults longer than this, or of several lines, need an area. */
const SHORT = 80;

/** A field for each variable, and one for what is asked. */
export function Fill({
  prompt,
  values,
  text,
  missing,
  problem,
  onValues,
  onText,
}: Props) {
  const { variables } = prompt;
  const input = variables.find(({ name }) => name === INPUT);
  const errorOf = (name: string) =>
    problem?.field === name ? problem.message : undefined;
  return (
    <form
      class="pl-prompt-fill"
      aria-label="Fill in"
      onSubmit={(event) => event.preventDefault()}
    >
      {variables
        .filter(({ name }) => name !== INPUT)
        .map(({ name, default: value, description }) => {
          const long =
            (value ?? "").length > SHORT ||
            /\n/.test(`${value ?? ""}${values[name] ?? ""}`);
          return (
            <Field
              key={name}
              label={name}
              kind={long ? "area" : "text"}
              lines={[2, 8]}
              value={values[name] ?? ""}
              placeholder={value ?? ""}
              required={value == null}
              hint={hint(description, value, missing.includes(name))}
              error={errorOf(name)}
              onInput={(now) => onValues({ ...values, [name]: now })}
            />
          );
        })}
      <Field
        kind="area"
        lines={[2, 10]}
        label={input ? INPUT : "Your text"}
        value={text}
        placeholder={input?.default ?? ""}
        required={input !== undefined && input.default == null}
        hint={
          input
            ? hint(input.description || "What you ask with it.", input.default, false)
            : "Sent after the prompt; it may stay empty here."
        }
        error={errorOf(INPUT)}
        onInput={onText}
      />
    </form>
  );
}

const hint = (about: string, value: string | null | undefined, lacks: boolean) =>
  [about, lacks && "Needs a value.", value === "" && "It may stay empty."]
    .filter(Boolean)
    .join(" ") || undefined;
