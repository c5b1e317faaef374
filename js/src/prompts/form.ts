// The form of a prompt, and what is sent of it.
import type { EditData, PromptData, PromptText, PromptVariable } from "../protocol";
import { namesIn } from "./marks";

/** A row of a list that the user edits; `key` stays while it moves. */
export type Keyed<T> = T & { key: number };

/** A variable in the form; without a default it may be `optional`, then it is empty. */
export interface FormVariable {
  name: string;
  default: string;
  optional: boolean;
  description: string;
}

export interface Form {
  /** The prompt that is edited, "" for a new one, and the version it began with. */
  of: string;
  base: number;
  name: string;
  description: string;
  /** As they are typed, with commas between them. */
  tags: string;
  model: string;
  submit: boolean;
  encrypted: boolean;
  messages: readonly Keyed<PromptText>[];
  variables: readonly Keyed<FormVariable>[];
}

let last = 0;

/** A row with a key of its own. */
export const keyed = <T>(row: T): Keyed<T> => ({ ...row, key: ++last });

export const emptyForm = (): Form => ({
  of: "",
  base: 0,
  name: "",
  description: "",
  tags: "",
  model: "",
  submit: false,
  encrypted: false,
  messages: [keyed<PromptText>({ role: "system", text: "" })],
  variables: [],
});

const variableOf = (each: PromptVariable): Keyed<FormVariable> =>
  keyed({
    name: each.name,
    default: each.default ?? "",
    optional: each.default === "",
    description: each.description,
  });

/** A form that begins with what was typed before. */
export const formOfEdit = (edit: EditData): Form => ({
  ...edit,
  tags: edit.tags.join(", "),
  messages: edit.messages.map((each) => keyed(each)),
  variables: edit.variables.map(variableOf),
});

/** A form that begins with a prompt. */
export const formOf = (prompt: PromptData): Form =>
  formOfEdit({
    of: prompt.name,
    base: prompt.version,
    name: prompt.name,
    description: prompt.description,
    tags: prompt.tags,
    model: prompt.model,
    submit: prompt.submit,
    encrypted: prompt.encrypted,
    messages: prompt.messages,
    variables: prompt.variables,
  });

export const tagsOf = (text: string) =>
  text
    .split(",")
    .map((tag) => tag.trim())
    .filter(Boolean);

/** What a form says, as it is sent. */
export const editOf = (form: Form): EditData => ({
  of: form.of,
  base: form.base,
  name: form.name,
  description: form.description,
  tags: tagsOf(form.tags),
  model: form.model,
  submit: form.submit,
  encrypted: form.encrypted,
  messages: form.messages.map(({ role, text }) => ({ role, text })),
  variables: form.variables
    .filter(({ name, default: value, description }) =>
      [name, value, description].some((text) => text.trim()),
    )
    .map(({ name, default: value, optional, description }) => ({
      name: name.trim(),
      default: value || optional ? value : null,
      description,
    })),
});

/** Whether two forms say the same. */
export const isSame = (a: Form, b: Form) =>
  JSON.stringify(editOf(a)) === JSON.stringify(editOf(b));

/** The names in double braces that are no variables yet. */
export function undeclared(form: Form): string[] {
  const known = new Set(form.variables.map(({ name }) => name.trim()));
  const named = form.messages.flatMap(({ text }) => namesIn(text));
  return [...new Set(named)].filter((name) => !known.has(name));
}

/** The variables that no message and no default names. */
export function unused(form: Form): Set<string> {
  const texts = [
    ...form.messages.map(({ text }) => text),
    ...form.variables.map((each) => each.default),
  ];
  const named = new Set(texts.flatMap(namesIn));
  return new Set(
    form.variables.map(({ name }) => name.trim()).filter((name) => !named.has(name)),
  );
}

export const declared = (form: Form, name: string): Form => ({
  ...form,
  variables: [
    ...form.variables,
    keyed({ name, default: "", optional: false, description: "" }),
  ],
});

/** Some rows with one changed, or without it if there is no change. */
export const edited = <T>(
  rows: readonly Keyed<T>[],
  key: number,
  change: Partial<T> | null,
): Keyed<T>[] =>
  change
    ? rows.map((row) => (row.key === key ? { ...row, ...change } : row))
    : rows.filter((row) => row.key !== key);

/** The rows with one moved by `by` places. */
export function moved<T>(rows: readonly Keyed<T>[], key: number, by: 1 | -1) {
  const at = rows.findIndex((row) => row.key === key);
  const row = rows[at];
  const to = at + by;
  if (!row || to < 0 || to >= rows.length) return [...rows];
  return rows.toSpliced(at, 1).toSpliced(to, 0, row);
}
