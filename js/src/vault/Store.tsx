import { useRef, useState } from "preact/hooks";
import { canSeal, Dialog, Field, Problem, Switch } from "../kit";
import type { Failure, SecretData } from "../protocol";
import type { Actions } from "./actions";
import { InCell } from "./InCell";
import type { VaultModel } from "./reducer";
import { useTrying } from "./trying";
import { ValueField } from "./ValueField";

interface Props {
  model: VaultModel;
  can: Actions;
  /** The secret that is replaced; null for a new one. */
  name: string | null;
  onClose: () => void;
}

/** A refused change, said of the secret that the view shows. */
const explained = (problem: Failure, name: string, now?: SecretData): Failure =>
  problem.code === "vault-conflict"
    ? {
        ...problem,
        message: now
          ? `${name} was changed elsewhere in the meantime: its newer value is still there.`
          : `${name} was deleted elsewhere in the meantime.`,
        hint: now
          ? "Replace that one, too, or cancel and look at it first."
          : "Store it anew, or cancel.",
      }
    : problem;

/** A new secret, or a new value for one. */
export function Store({ model, can, name: of, onClose }: Props) {
  const [typed, setTyped] = useState("");
  const [value, setValue] = useState("");
  const [marked, setMarked] = useState(false);
  const { busy, problem, attempt, forget } = useTrying();
  const name = of ?? typed.trim();
  const now = model.entries.find((each) => each.name === name);
  // What is replaced is what the user has seen; after a conflict it is what is there.
  const seen = useRef(now?.version ?? 0);
  const conflict = problem?.code === "vault-conflict";
  const expect = of === null || conflict ? (now?.version ?? 0) : seen.current;
  const complete = name !== "" && value !== "";
  const store = async () => {
    if (busy || !complete) return;
    const mark = of === null && (marked || !now) ? marked : null;
    const { error } = await attempt(can.store({ name, value, expect, marked: mark }));
    if (error) return;
    can.toaster.say(now ? `${name} is replaced.` : `${name} is in the vault.`);
    onClose();
  };
  const title = of === null ? "Add a secret" : `Replace ${of}`;
  if (!canSeal())
    return (
      <Dialog title={title} open onClose={onClose}>
        <InCell command={`%parllama vault set ${of ?? "NAME"}`} />
      </Dialog>
    );
  return (
    <Dialog
      title={title}
      open
      strict
      onClose={onClose}
      decision={{
        label: now ? (conflict ? "Replace the newer one" : "Replace") : "Store",
        kind: now && (of === null || conflict) ? "danger" : "primary",
        busy,
        disabled: !complete,
        onClick: store,
      }}
    >
      {of === null && (
        <Field
          label="Name"
          value={typed}
          placeholder="OPENAI_API_KEY"
          suggestions={model.keyNames.filter(
            (each) => !model.entries.some((entry) => entry.name === each),
          )}
          code
          hint={
            now
              ? `The vault has a ${name} already: it is replaced.`
              : "Models find a key under the name of its environment variable."
          }
          onInput={(text) => {
            setTyped(text);
            forget();
          }}
          onKeyDown={(event) => {
            if (event.key === "Enter") store();
          }}
        />
      )}
      <ValueField
        label={of === null ? "Value" : "New value"}
        value={value}
        onInput={setValue}
        onEnter={store}
      />
      {of === null && (
        <Switch
          label="In the environment"
          hint="While the vault is unlocked, every program that a cell starts can read it."
          on={marked}
          onChange={setMarked}
        />
      )}
      {problem && <Problem error={explained(problem, name, now)} />}
    </Dialog>
  );
}
