import { useEffect, useState } from "preact/hooks";
import { shown } from "../bridge";
import type { PartLink } from "../connection";
import type { Failure, VaultData } from "../protocol";
import { sealed } from "../sealed";
import { Problem } from "./Banner";
import { Button } from "./Button";
import { Dialog } from "./Dialog";
import { agreed, NewPassword, NOT_TYPED } from "./NewPassword";
import { PasswordField } from "./PasswordField";

interface Props {
  /** The name under which the key is stored. */
  name: string;
  /** Whose key it is, for the button's tooltip. */
  title?: string;
  link: PartLink;
  /** Whether the vault is locked, for whoever knows; others ask the kernel. */
  locked?: boolean | undefined;
  /** The key is there. */
  onAdded: () => void;
}

const NOTHING = { key: "", password: "", fresh: NOT_TYPED };

/**
 * A button for a key that is missing. It unlocks the vault, which may have the key, and
 * asks for the key if it has not; it makes the vault if there is none.
 */
export function AddKey({ name, title, link, locked, onAdded }: Props) {
  const [vault, setVault] = useState<VaultData["state"] | null>(null);
  const [isLocked, setLocked] = useState(locked ?? false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Failure | null>(null);
  const [typed, setTyped] = useState(NOTHING);
  useEffect(() => {
    if (locked !== undefined) setLocked(locked);
    else
      link.request("vault", { name }).then(
        ({ result }) => setLocked(result.state === "locked"),
        () => {},
      );
  }, [locked, name]);

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
  const close = () => {
    // What was typed does not stay in the page.
    setTyped(NOTHING);
    setProblem(null);
    setVault(null);
  };
  /** Goes on with what is missing now: a password, a key, or nothing. */
  const next = ({ state, found }: VaultData) => {
    setLocked(state === "locked");
    if (!found) return setVault(state);
    close();
    onAdded();
  };
  const open = () =>
    tried(async () => next((await link.request("vault", { name })).result));
  const unlock = () =>
    tried(async () => {
      const { password } = typed;
      const box = await sealed(link, "unlock", { password });
      const { result } = await link.request("unlock", { name, sealed: box });
      setTyped(NOTHING);
      next(result);
    });
  const add = () =>
    tried(async () => {
      const { key: value, fresh } = typed;
      const texts =
        vault === "absent" ? { value, password: fresh.password } : { value };
      const box = await sealed(link, "add_key", texts);
      await link.request("add_key", { name, sealed: box });
      close();
      onAdded();
    });
  const complete =
    vault === "locked"
      ? typed.password !== ""
      : typed.key.trim() !== "" && (vault !== "absent" || agreed(typed.fresh));
  const submit = () => {
    if (complete && !busy) (vault === "locked" ? unlock : add)();
  };
  const label = vault === "locked" || (isLocked && vault === null) ? UNLOCK : ADD;
  return (
    <>
      <Button
        label={isLocked ? UNLOCK : ADD}
        title={
          isLocked ? `${UNLOCK}, which may have ${name}` : `Add a key${of(title, name)}`
        }
        icon={isLocked ? "lock" : "key"}
        size="small"
        busy={busy && vault === null}
        onClick={open}
      />
      {problem && vault === null && <Problem error={problem} onDismiss={close} />}
      <Dialog
        title={vault === "locked" ? UNLOCK : `Add a key${of(title)}`}
        open={vault !== null}
        onClose={close}
        strict
        actions={
          <>
            <Button label="Cancel" onClick={close} />
            <Button
              label={label}
              kind="primary"
              busy={busy}
              disabled={!complete}
              onClick={submit}
            />
          </>
        }
      >
        {vault === "locked" ? (
          <PasswordField
            key="password"
            label="Password of the vault"
            value={typed.password}
            onInput={(password) => setTyped({ ...typed, password })}
            onEnter={submit}
          />
        ) : (
          <PasswordField
            key="key"
            label={name}
            value={typed.key}
            hint="It is stored encrypted, in the vault."
            onInput={(key) => setTyped({ ...typed, key })}
            onEnter={submit}
          />
        )}
        {vault === "absent" && (
          <NewPassword
            label="Password of the new vault"
            typed={typed.fresh}
            onInput={(fresh) => setTyped({ ...typed, fresh })}
            onEnter={submit}
            link={link}
          />
        )}
        {problem && vault !== null && <Problem error={problem} />}
      </Dialog>
    </>
  );
}

const ADD = "Add key";
const UNLOCK = "Unlock the vault";

const of = (title?: string, otherwise?: string) =>
  title ? ` of ${title}` : otherwise ? `: ${otherwise}` : "";
