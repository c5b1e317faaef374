import { useState } from "preact/hooks";
import { type Request, shown } from "../bridge";
import type { Failure, VaultData } from "../protocol";
import { Problem } from "./Banner";
import { Button } from "./Button";
import { Dialog } from "./Dialog";
import { Field } from "./Field";

interface Props {
  /** The name under which the key is stored. */
  name: string;
  /** Whose key it is, for the button's tooltip. */
  title?: string;
  request: Request;
  /** The key is in the vault. */
  onAdded: () => void;
}

const NOTHING = { key: "", password: "", again: "" };

/** A button that asks for a key, and for the vault's password where it is needed. */
export function AddKey({ name, title, request, onAdded }: Props) {
  const [vault, setVault] = useState<VaultData["password"] | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Failure | null>(null);
  const [typed, setTyped] = useState(NOTHING);
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
  const open = () =>
    tried(async () => setVault((await request("vault")).result.password));
  const close = () => {
    // What was typed does not stay in the page.
    setTyped(NOTHING);
    setProblem(null);
    setVault(null);
  };
  const add = () =>
    tried(async () => {
      const { key: value, password } = typed;
      await request("add_key", { name, value, ...(vault !== "none" && { password }) });
      close();
      onAdded();
    });
  const differ =
    vault === "new" && typed.again !== "" && typed.again !== typed.password;
  const complete =
    vault === "none"
      ? typed.key.trim()
      : vault === "new"
        ? typed.key.trim() && typed.password && typed.again === typed.password
        : typed.password;
  const submit = () => {
    if (complete && !busy) add();
  };
  const field = (part: keyof typeof NOTHING) => ({
    kind: "password" as const,
    value: typed[part],
    onInput: (text: string) => setTyped((now) => ({ ...now, [part]: text })),
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key !== "Enter" || event.isComposing) return;
      event.preventDefault();
      submit();
    },
  });
  return (
    <>
      <Button
        label="Add key"
        title={title ? `Add a key of ${title}` : `Add ${name}`}
        icon="key"
        size="small"
        busy={busy && vault === null}
        onClick={open}
      />
      {problem && vault === null && <Problem error={problem} onDismiss={close} />}
      <Dialog
        title={title ? `Add a key of ${title}` : "Add a key"}
        open={vault !== null}
        onClose={close}
        strict
        actions={
          <>
            <Button label="Cancel" onClick={close} />
            <Button
              label="Add key"
              kind="primary"
              busy={busy}
              disabled={!complete}
              onClick={submit}
            />
          </>
        }
      >
        <Field
          {...field("key")}
          label={name}
          hint={
            vault === "current"
              ? "Leave it empty if the vault has it already."
              : "It is stored encrypted, in the vault."
          }
        />
        {vault === "current" && (
          <Field {...field("password")} label="Password of the vault" />
        )}
        {vault === "new" && (
          <>
            <Field
              {...field("password")}
              label="Password of the new vault"
              hint="Nobody can read the vault without it: keep it where you do not lose it."
            />
            <Field
              {...field("again")}
              label="The same password again"
              error={differ ? "The two passwords differ." : undefined}
            />
          </>
        )}
        {problem && vault !== null && <Problem error={problem} />}
      </Dialog>
    </>
  );
}
