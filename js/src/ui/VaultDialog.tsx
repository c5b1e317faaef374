import { useEffect, useState } from "preact/hooks";
import { shown } from "../bridge";
import type { PartLink } from "../connection";
import type { Failure, VaultData } from "../protocol";
import { canSeal, sealed } from "../sealed";
import { Problem } from "./Banner";
import { Dialog } from "./Dialog";
import { agreed, NewPassword, NOT_TYPED } from "./NewPassword";
import { PasswordField } from "./PasswordField";

export const ADD = "Add key";
export const UNLOCK = "Unlock the vault";

/** What is run in a cell where the page cannot encrypt, for each state of the vault. */
const INSTEAD: Readonly<Record<VaultData["state"], (name: string) => string[]>> = {
  absent: (name) => ["create", `set ${name}`],
  locked: () => ["unlock"],
  unlocked: (name) => [`set ${name}`],
};

interface Props {
  /** The name under which the key is stored, "" if no key is missed. */
  name: string;
  /** Whose key it is. */
  title?: string | undefined;
  /** What is asked for: the password of a locked vault, else a key; null: nothing. */
  step: VaultData["state"] | null;
  link: PartLink;
  /** The vault was unlocked; it may have the key. */
  onUnlocked: (vault: VaultData) => void;
  /** The key was stored. */
  onAdded: () => void;
  onClose: () => void;
}

const NOTHING = { key: "", password: "", fresh: NOT_TYPED };

/** Asks for the password of the vault, or for a key, and for a new vault's password. */
export function VaultDialog({ name, title, step, link, ...props }: Props) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Failure | null>(null);
  const [typed, setTyped] = useState(NOTHING);
  useEffect(() => {
    // What was typed does not stay in the page.
    setTyped(NOTHING);
    setProblem(null);
  }, [step]);

  const tried = async (what: () => Promise<void>) => {
    setBusy(true);
    setProblem(null);
    try {
      await what();
    } catch (error) {
      setProblem(shown(error as Error));
    }
    setBusy(false);
  };
  const unlock = () =>
    tried(async () => {
      const { password } = typed;
      const box = await sealed(link, "unlock", { password });
      const { result } = await link.request("unlock", { name, sealed: box });
      props.onUnlocked(result);
    });
  const add = () =>
    tried(async () => {
      const { key: value, fresh } = typed;
      const texts = step === "absent" ? { value, password: fresh.password } : { value };
      const box = await sealed(link, "add_key", texts);
      await link.request("add_key", { name, sealed: box });
      props.onAdded();
    });
  const locked = step === "locked";
  const complete = locked
    ? typed.password !== ""
    : typed.key.trim() !== "" && (step !== "absent" || agreed(typed.fresh));
  const submit = () => {
    if (complete && !busy) (locked ? unlock : add)();
  };
  const able = canSeal();
  return (
    <Dialog
      title={locked ? UNLOCK : title ? `Add a key of ${title}` : "Add a key"}
      open={step !== null}
      onClose={props.onClose}
      strict
      decision={
        able
          ? {
              label: locked ? UNLOCK : ADD,
              busy,
              disabled: !complete,
              onClick: submit,
            }
          : undefined
      }
    >
      {!able && (
        <>
          <p>
            This page was loaded over http from another machine, so that it cannot
            encrypt what you type. Run this in a cell, and the kernel asks:
          </p>
          {step !== null &&
            INSTEAD[step](name).map((action) => (
              <p key={action}>
                <code>%parllama vault {action}</code>
              </p>
            ))}
        </>
      )}
      {able && locked && (
        <PasswordField
          key="password"
          label="Password of the vault"
          value={typed.password}
          onInput={(password) => setTyped({ ...typed, password })}
          onEnter={submit}
        />
      )}
      {able && !locked && (
        <PasswordField
          key="key"
          label={name}
          value={typed.key}
          hint="It is stored encrypted, in the vault."
          onInput={(key) => setTyped({ ...typed, key })}
          onEnter={submit}
        />
      )}
      {able && step === "absent" && (
        <NewPassword
          label="Password of the new vault"
          typed={typed.fresh}
          onInput={(fresh) => setTyped({ ...typed, fresh })}
          onEnter={submit}
          link={link}
        />
      )}
      {problem && <Problem error={problem} />}
    </Dialog>
  );
}
