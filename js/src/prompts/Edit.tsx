import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Banner, Button, Dialog, Failed, Field, ModelSelect, Switch } from "../kit";
import type { Failure } from "../protocol";
import type { Actions, PromptsLink } from "./actions";
import { MessageRows, VariableRows } from "./EditRows";
import { declared, type Form, undeclared } from "./form";
import { Messages } from "./Messages";
import type { PromptsModel } from "./reducer";

interface Props {
  model: PromptsModel;
  can: Actions;
  link: PromptsLink;
  disabled: boolean;
  form: Form;
}

/** The fields that say themselves what is wrong with them. */
const FIELDS = ["name", "description", "tags", "variables", "messages"];

/** A new prompt, or a new version of one. What was typed stays, whatever becomes of it. */
export function Edit({ model, can, link, disabled, form }: Props) {
  const [problem, setProblem] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);
  const [leaving, setLeaving] = useState(false);
  const [touched, setTouched] = useState(false);
  const box = useRef<HTMLElement>(null);
  const elsewhere = useElsewhere(model, can, form);
  useEffect(() => can.models(), []);
  // The first field at fault is where the user goes on.
  useEffect(() => {
    if (problem?.field)
      box.current
        ?.querySelector<HTMLElement>('[aria-invalid="true"], .pl-prompt-wrong textarea')
        ?.focus();
  }, [problem]);
  const change = (what: Partial<Form>) => {
    setTouched(true);
    can.typed({ ...form, ...what });
  };
  const wrong = (field: string) =>
    problem?.field === field
      ? [problem.message, problem.hint].filter(Boolean).join(" ")
      : undefined;
  const save = async (over = false) => {
    if (busy || disabled) return;
    setBusy(true);
    setProblem(await can.save(form, over));
    setBusy(false);
  };
  const close = () => {
    if (touched) setLeaving(true);
    else can.typed(null);
  };
  const names = useMemo(
    () => new Set(form.variables.map(({ name }) => name.trim())),
    [form.variables],
  );
  const lacking = undeclared(form);
  const changed = problem?.code === "changed-elsewhere";
  const title = form.of ? `Edit ${form.of}` : "New prompt";
  return (
    <section
      ref={box}
      class="pl-prompt-edit"
      aria-label={title}
      onKeyDown={(event) => {
        if (event.key === "s" && (event.ctrlKey || event.metaKey)) {
          event.preventDefault();
          event.stopPropagation();
          save();
        }
      }}
    >
      <div class="pl-prompt-edit-head">
        <h2>{title}</h2>
        <Button label="Cancel" kind="quiet" onClick={close} />
        <Button
          label={form.of ? "Save" : "Add"}
          kind="primary"
          icon="check"
          busy={busy}
          disabled={disabled}
          onClick={() => save()}
        />
      </div>
      {(changed || elsewhere) && (
        <div class="pl-prompt-conflict">
          <Banner
            kind="warning"
            message={changed ? problem.message : elsewhere}
            hint="Nothing is lost: each is a version of its own."
          />
          <div class="pl-prompt-conflict-ways">
            <Button
              label="Save mine on top"
              size="small"
              disabled={disabled}
              onClick={() => save(true)}
            />
            <Button
              label="Take the other"
              size="small"
              disabled={disabled}
              onClick={() => {
                setProblem(null);
                can
                  .request("prompt", { name: form.of })
                  .then(({ result }) => {
                    can.typed(null);
                    can.write(result);
                  })
                  .catch(can.failed);
              }}
            />
          </div>
        </div>
      )}
      {problem && !changed && !FIELDS.includes(problem.field ?? "") && (
        <Failed
          error={problem}
          link={link}
          onDismiss={() => setProblem(null)}
          onUnlocked={() => void save()}
        />
      )}
      <div class="pl-prompt-edit-pair">
        <div class="pl-prompt-form">
          <Field
            label="Name"
            value={form.name}
            placeholder="summarize"
            required
            error={wrong("name")}
            onInput={(name) => change({ name })}
          />
          <Field
            kind="area"
            label="Description"
            lines={[1, 6]}
            value={form.description}
            hint="What it is good for, in a sentence or two."
            error={wrong("description")}
            onInput={(description) => change({ description })}
          />
          <Field
            label="Tags"
            value={form.tags}
            placeholder="writing, work"
            hint="With commas between them."
            error={wrong("tags")}
            onInput={(tags) => change({ tags })}
          />
          <MessageRows
            rows={form.messages}
            error={wrong("messages")}
            onChange={(messages) => change({ messages })}
          />
          <VariableRows
            form={form}
            lacking={lacking}
            error={wrong("variables")}
            onChange={(variables) => change({ variables })}
            onDeclare={(name) => change(declared(form, name))}
          />
          <ModelSelect
            label="Model"
            value={form.model}
            groups={model.groups}
            none="Any model"
            hint="The model that it was written for."
            onSelect={(model) => change({ model })}
          />
          <Switch
            label="Send at once"
            on={form.submit}
            hint="When it is used in a chat and nothing is missing."
            onChange={(submit) => change({ submit })}
          />
          <Switch
            label="Encrypted"
            on={form.encrypted}
            hint="All its versions, with the vault's key. The name stays readable."
            onChange={(encrypted) => change({ encrypted })}
          />
        </div>
        <div class="pl-prompt-live">
          <span class="pl-label">Preview</span>
          {form.messages.some(({ text }) => text.trim()) ? (
            <Messages
              messages={form.messages.filter(({ text }) => text.trim())}
              variables={names}
              as="markdown"
              link={link}
            />
          ) : (
            <p class="pl-quiet">What you write is shown here.</p>
          )}
        </div>
      </div>
      <Dialog
        title="Throw away what you typed?"
        open={leaving}
        onClose={() => setLeaving(false)}
        actions={
          <>
            <Button label="Go on writing" onClick={() => setLeaving(false)} />
            <Button
              label="Throw it away"
              kind="danger"
              onClick={() => {
                setLeaving(false);
                can.typed(null);
              }}
            />
          </>
        }
      >
        <p class="pl-prompts-say">It was not saved.</p>
      </Dialog>
    </section>
  );
}

/** Says that the prompt of a form has another version by now; "" if it has not. */
function useElsewhere(model: PromptsModel, can: Actions, form: Form): string {
  const [said, setSaid] = useState("");
  const { revision } = model;
  useEffect(() => {
    if (!form.of) return;
    const ending = new AbortController();
    const { signal } = ending;
    can
      .request("prompt", { name: form.of }, { signal })
      .then(({ result: { name, version } }) =>
        setSaid(
          version === form.base
            ? ""
            : `${name} was changed meanwhile: it has version ${version} now.`,
        ),
      )
      .catch((error) => {
        if (!signal.aborted && error.code === "usage")
          setSaid(`${form.of} was deleted or renamed meanwhile.`);
      });
    return () => ending.abort();
  }, [revision, form.of, form.base]);
  return said;
}
