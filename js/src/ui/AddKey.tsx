import { useState } from "preact/hooks";
import { shown } from "../bridge";
import type { PartLink } from "../connection";
import type { Failure, VaultData } from "../protocol";
import { Problem } from "./Banner";
import { Button, type ButtonProps } from "./Button";
import { useVault } from "./use-vault";
import { ADD, UNLOCK, VaultDialog } from "./VaultDialog";

interface ButtonOf extends Pick<ButtonProps, "kind" | "size"> {
  link: PartLink;
  /** The label of the button once nothing is missing; without it there is none then. */
  again?: string | undefined;
}

interface AddKeyProps extends ButtonOf {
  /** The name under which the key is stored. */
  name: string;
  /** Whose key it is, for the button's tooltip. */
  title?: string;
  /** Whether the vault is locked, for whoever knows; others ask the kernel. */
  locked?: boolean | undefined;
  /** The key is there. */
  onAdded: () => void;
}

/**
 * A button for a key that is missing. It unlocks the vault, which may have the key, and
 * asks for the key if it has not; it makes the vault if there is none.
 */
export function AddKey({ onAdded, ...props }: AddKeyProps) {
  return <NeedsVault {...props} onThere={onAdded} />;
}

/** A button for what is locked in the vault. */
export function UnlockVault({
  onUnlocked,
  ...props
}: ButtonOf & { onUnlocked: () => void }) {
  return <NeedsVault {...props} name="" onThere={onUnlocked} />;
}

type Props = Omit<AddKeyProps, "onAdded"> & { onThere: () => void };

/** Whether what is missed is there. */
const isThere = (name: string, { state, found }: VaultData) =>
  name ? found : state !== "locked";

const NONE: readonly string[] = [];

function NeedsVault({ name, title, link, locked, again, onThere, ...looks }: Props) {
  const [step, setStep] = useState<VaultData["state"] | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Failure | null>(null);
  const vault = useVault(link, locked === undefined ? [name] : NONE).get(name);
  const isLocked = locked ?? (vault ? vault.state === "locked" : !name);
  const there = vault !== undefined && isThere(name, vault);

  /** Goes on with what is missing now: a password, a key, or nothing. */
  const next = (now: VaultData) => {
    if (!isThere(name, now)) return setStep(now.state);
    setStep(null);
    onThere();
  };
  const open = async () => {
    setBusy(true);
    setProblem(null);
    try {
      next((await link.request("vault", { name })).result);
    } catch (error) {
      setProblem(shown(error as Error));
    }
    setBusy(false);
  };
  const size = looks.size ?? "small";
  if (there && step === null)
    return again ? (
      <Button {...looks} label={again} icon="retry" size={size} onClick={onThere} />
    ) : null;
  const of = title ? ` of ${title}` : `: ${name}`;
  return (
    <>
      <Button
        {...looks}
        label={isLocked ? UNLOCK : ADD}
        title={
          !isLocked
            ? `Add a key${of}`
            : name
              ? `${UNLOCK}, which may have ${name}`
              : UNLOCK
        }
        icon={isLocked ? "lock" : "key"}
        size={size}
        busy={busy}
        onClick={open}
      />
      {problem && <Problem error={problem} onDismiss={() => setProblem(null)} />}
      <VaultDialog
        name={name}
        title={title}
        step={step}
        link={link}
        onUnlocked={next}
        onAdded={() => {
          setStep(null);
          onThere();
        }}
        onClose={() => setStep(null)}
      />
    </>
  );
}
