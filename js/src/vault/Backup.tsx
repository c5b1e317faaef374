import { useState } from "preact/hooks";
import { Banner, Button, Dialog, Field, Problem } from "../kit";
import type { Actions } from "./actions";
import { useTrying } from "./trying";

interface Props {
  can: Actions;
  onClose: () => void;
}

/** A copy of the vault, as encrypted as the vault. */
export function Backup({ can, onClose }: Props) {
  const [path, setPath] = useState("");
  const [made, setMade] = useState("");
  const { busy, problem, attempt } = useTrying();
  const back = async () => {
    if (busy) return;
    setMade("");
    const { result } = await attempt(can.backup(path));
    if (result !== undefined) setMade(result);
  };
  return (
    <Dialog
      title="Back up the vault"
      open
      onClose={onClose}
      actions={
        <>
          <Button label={made ? "Close" : "Cancel"} onClick={onClose} />
          <Button label="Back up" kind="primary" busy={busy} onClick={back} />
        </>
      }
    >
      <Field
        label="File"
        value={path}
        placeholder="In the vault's own folder"
        code
        hint="A path on the kernel's machine, of a file that does not exist yet. The vault's own folder keeps the last five."
        onInput={setPath}
        onKeyDown={(event) => {
          if (event.key === "Enter") back();
        }}
      />
      <p class="pl-vault-say">
        The copy is as encrypted as the vault, and opens with its present password.
      </p>
      {made && (
        <Banner message="The vault is copied, and the copy is checked." hint={made} />
      )}
      {problem && <Problem error={problem} />}
    </Dialog>
  );
}
