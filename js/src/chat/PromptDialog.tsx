import { useEffect, useState } from "preact/hooks";
import { shown } from "../bridge";
import type { PartLink } from "../connection";
import type { Failure } from "../protocol";
import { Dialog } from "../ui/Dialog";
import { Failed } from "../ui/Failed";
import { Field } from "../ui/Field";
import { Switch } from "../ui/Switch";
import type { Actions } from "./actions";
import { titleOf } from "./title";

interface Props {
  open: boolean;
  /** The name of the conversation. */
  session: string;
  actions: Actions;
  link: PartLink;
  onClose: () => void;
}

/** Makes a prompt of the library from the conversation's questions. */
export function PromptDialog({ open, session, actions, link, onClose }: Props) {
  const [typed, setTyped] = useState<string | null>(null);
  const [answers, setAnswers] = useState(false);
  const [submit, setSubmit] = useState(false);
  const [problem, setProblem] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    setTyped(null);
    setProblem(null);
  }, [open]);
  const name = typed ?? titleOf(session).replace(".ipynb", "");
  const save = async () => {
    if (busy) return;
    setBusy(true);
    setProblem(null);
    try {
      const saved = await actions.savePrompt({ name, answers, submit });
      actions.toaster.say(`The prompt “${saved}” is in the library.`);
      onClose();
    } catch (error) {
      setProblem(shown(error as Error));
    }
    setBusy(false);
  };
  return (
    <Dialog
      title="Save as a prompt"
      open={open}
      onClose={onClose}
      decision={{ label: "Save", busy, onClick: () => void save() }}
    >
      <div class="pl-transfer">
        <Field
          label="Name"
          value={name}
          onInput={setTyped}
          onKeyDown={(event) => {
            if (event.key !== "Enter") return;
            event.preventDefault();
            void save();
          }}
        />
        <Switch
          label="With the answers"
          on={answers}
          onChange={setAnswers}
          hint="Questions and answers become examples for the model."
        />
        <Switch
          label="Send at once"
          on={submit}
          onChange={setSubmit}
          hint="A chat sends the prompt as soon as it is chosen."
        />
        {problem && (
          <Failed error={problem} link={link} onUnlocked={() => void save()} />
        )}
      </div>
    </Dialog>
  );
}
