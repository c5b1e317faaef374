import { useState } from "preact/hooks";
import { agreed, Button, canSeal, NewPassword, NOT_TYPED, Problem } from "../kit";
import type { Actions } from "./actions";
import type { Asked } from "./Dialogs";
import { InCell } from "./InCell";
import { useTrying } from "./trying";

interface Props {
  can: Actions;
  ask: (asked: Asked) => void;
}

/** What a vault is, and the password of a new one. */
export function Create({ can, ask }: Props) {
  const [typed, setTyped] = useState(NOT_TYPED);
  const { busy, problem, attempt } = useTrying();
  const create = async () => {
    if (busy || !agreed(typed)) return;
    const { error } = await attempt(can.create(typed.password));
    if (!error) {
      can.toaster.say("The vault is created and unlocked.", "info", {
        label: "Import from PAR LLAMA…",
        onClick: () => ask({ kind: "import" }),
      });
    }
  };
  return (
    <div class="pl-vault-door">
      <div class="pl-vault-about">
        <h2>There is no vault yet</h2>
        <p>
          A vault keeps API keys and other secrets in one file, encrypted under one
          password.
        </p>
        <p>
          Models get a key when they are asked; it is in no notebook and in no setting.
        </p>
      </div>
      {canSeal() ? (
        <div class="pl-vault-form">
          <NewPassword
            label="Password of the new vault"
            typed={typed}
            onInput={setTyped}
            onEnter={create}
            link={can.link}
          />
          {problem && <Problem error={problem} />}
          <div class="pl-vault-buttons">
            <Button
              label="Create the vault"
              kind="primary"
              busy={busy}
              disabled={!agreed(typed)}
              onClick={create}
            />
            <Button
              label="Restore a backup…"
              onClick={() => ask({ kind: "restore" })}
            />
          </div>
        </div>
      ) : (
        <InCell command="%parllama vault create" />
      )}
    </div>
  );
}
