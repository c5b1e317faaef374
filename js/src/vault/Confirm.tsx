import { useRef } from "preact/hooks";
import { Dialog, Problem } from "../kit";
import type { SecretData } from "../protocol";
import type { Actions } from "./actions";
import type { VaultModel } from "./reducer";
import { useTrying } from "./trying";

interface Props {
  model: VaultModel;
  can: Actions;
  name: string;
  onClose: () => void;
}

/** Asks before a secret is deleted. */
export function Delete({ model, can, name, onClose }: Props) {
  const now = model.entries.find((each) => each.name === name);
  // What is deleted is what the user has seen; after a conflict it is what is there.
  const seen = useRef<SecretData | undefined>(now);
  const { busy, problem, attempt } = useTrying();
  const remove = async () => {
    if (busy || !seen.current) return;
    const { error } = await attempt(can.remove(seen.current));
    if (!error) {
      can.toaster.say(`${name} is deleted.`);
      onClose();
    }
  };
  const conflict = problem?.code === "vault-conflict";
  const newer = conflict && now && now.version !== seen.current?.version;
  return (
    <Dialog
      title={`Delete ${name}?`}
      open
      strict
      onClose={onClose}
      decision={{
        label: newer ? "Delete the newer one" : "Delete",
        kind: "danger",
        icon: "trash",
        busy,
        disabled: conflict && !newer,
        onClick: () => {
          if (newer) seen.current = now;
          remove();
        },
      }}
    >
      <p class="pl-vault-say">
        Its value is gone then, except from backups. What uses it asks for it again.
      </p>
      {problem && (
        <Problem
          error={
            conflict
              ? {
                  ...problem,
                  message: now
                    ? `${name} was changed elsewhere in the meantime.`
                    : `${name} was deleted elsewhere in the meantime.`,
                  hint: null,
                }
              : problem
          }
        />
      )}
    </Dialog>
  );
}

/** Says, before the first mark, what a mark for the environment means. */
export function Mark({ can, name, onClose }: Props) {
  return (
    <Dialog
      title={`Put ${name} into the environment?`}
      open
      strict
      onClose={onClose}
      decision={{
        label: "Put it there",
        onClick: () => {
          can.warned();
          can.mark(name, true);
          onClose();
        },
      }}
    >
      <p class="pl-vault-say">
        While the vault is unlocked, <code>os.environ</code> of this kernel holds its
        value: every program that a cell starts can read it.
      </p>
      <p class="pl-vault-say">
        Models need no such mark. It is for libraries that look nowhere else.
      </p>
    </Dialog>
  );
}
