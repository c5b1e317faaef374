import { useEffect, useRef, useState } from "preact/hooks";
import type { ChatTabs, SessionData } from "../protocol";
import { Button, IconButton } from "../ui/Button";
import { Disclosure } from "../ui/Disclosure";
import { Drawer } from "../ui/Drawer";
import { Field } from "../ui/Field";
import { Select } from "../ui/Select";
import type { Actions } from "./actions";
import { Edits } from "./edits";
import {
  FIELDS,
  GROUPS,
  type OptionField,
  optionsOf,
  type Texts,
  textsOf,
  wrong,
} from "./option-fields";

interface Props {
  session: SessionData;
  tabs: ChatTabs;
  open: boolean;
  actions: Actions;
  onClose: () => void;
}

const EFFORTS = ["", "off", "low", "medium", "high"].map((value) => ({
  value,
  label: value ? `${value[0]?.toUpperCase()}${value.slice(1)}` : "Default",
}));

/** What is typed is kept by the names of options. */
const MEMORY = "memory";

/** The conversation's options; an empty one is the provider's default. */
export function Options({ session, tabs, open, actions, onClose }: Props) {
  const { options, takes, provider } = session;
  // What was typed stays as it is while the rest follows the conversation.
  const edits = useRef(new Edits()).current;
  edits.keep(tabs);
  const typed = edits.of(tabs.current);
  const [, redraw] = useState(0);
  useEffect(() => {
    if (!open) edits.clear();
  }, [open]);
  const texts: Texts = { ...textsOf(options), ...Object.fromEntries(typed) };
  const memory = typed.get(MEMORY) ?? options.memory;
  const set = (name: string) => (value: string) => {
    typed.set(name, value);
    redraw((n) => n + 1);
  };
  const taken = ({ name }: OptionField) => !takes || takes.includes(name);
  const absent = FIELDS.filter((field) => !taken(field));
  const kept = absent.filter(({ name }) => texts[name]?.trim());
  const errors = new Map(
    FIELDS.filter(taken).map((field) => [
      field.name,
      wrong(texts[field.name] ?? "", field),
    ]),
  );
  const apply = () => {
    actions.setOptions(optionsOf(texts, memory));
    onClose();
  };
  return (
    <Drawer title="Instructions and options" open={open} onClose={onClose}>
      <div class="pl-chat-options">
        <Field
          label="Instructions"
          hint="A system prompt: how the model should answer here."
          kind="area"
          value={texts.system ?? ""}
          onInput={set("system")}
        />
        {memory && (
          <div class="pl-chat-options-memory">
            <Disclosure label="Memory" note="sent before the instructions">
              <p class="pl-chat-options-remembered" dir="auto">
                {memory}
              </p>
              <Button
                label="Leave it out here"
                size="small"
                onClick={() => set(MEMORY)("")}
              />
            </Disclosure>
          </div>
        )}
        {GROUPS.map(({ title, fields }) => {
          const shown = fields.filter(taken);
          if (shown.length === 0) return null;
          return (
            <fieldset key={title} class="pl-chat-options-group">
              <legend>{title}</legend>
              {shown.map((field) => (
                <One
                  key={field.name}
                  field={field}
                  text={texts[field.name] ?? ""}
                  error={errors.get(field.name)}
                  hint={
                    field.name === "context_window" && session.context_window
                      ? `${field.hint} At most ${session.context_window.toLocaleString("en")}.`
                      : field.hint
                  }
                  onInput={set(field.name)}
                />
              ))}
            </fieldset>
          );
        })}
        {absent.length > 0 && (
          <div class="pl-chat-options-absent">
            <p class="pl-quiet">
              {provider} takes no {listed(absent.map(({ label }) => inWords(label)))}.
            </p>
            {kept.map(({ name, label }) => (
              <p key={name} class="pl-chat-options-kept">
                <span>
                  {label}: <b>{texts[name]}</b>, kept for other models
                </span>
                <IconButton
                  icon="close"
                  label={`Remove ${label}`}
                  onClick={() => set(name)("")}
                />
              </p>
            ))}
          </div>
        )}
        <div class="pl-actions pl-chat-options-foot" data-foot>
          <Button label="Cancel" onClick={onClose} />
          <Button
            label="Apply"
            kind="primary"
            disabled={[...errors.values()].some(Boolean)}
            onClick={apply}
          />
        </div>
      </div>
    </Drawer>
  );
}

/** A label within a sentence. */
const inWords = (label: string) =>
  `${label[0]?.toLowerCase()}${label.slice(1)}`.replace(", in tokens", "");

const listed = (words: readonly string[]) =>
  words.length < 2
    ? words.join("")
    : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;

interface OneProps {
  field: OptionField;
  text: string;
  hint: string | undefined;
  error: string | undefined;
  onInput: (text: string) => void;
}

function One({ field, text, hint, error, onInput }: OneProps) {
  const { kind, label } = field;
  if (kind === "effort") {
    return (
      <Select
        label={label}
        value={text}
        options={EFFORTS}
        placeholder="Default"
        hint={hint}
        onSelect={onInput}
      />
    );
  }
  return (
    <Field
      label={label}
      hint={hint}
      placeholder="default"
      {...(kind === "lines" && { kind: "area" as const, lines: [1, 4] as const })}
      code={kind === "lines"}
      value={text}
      error={error}
      onInput={onInput}
    />
  );
}
