import { useEffect, useState } from "preact/hooks";
import { Banner, Button, canSeal, Dialog, Field, PasswordField, Problem } from "../kit";
import type { BackupData, DifferenceData } from "../protocol";
import { bytes } from "../ui/amounts";
import { useId } from "../ui/ids";
import type { Actions } from "./actions";
import { InCell } from "./InCell";
import type { VaultModel } from "./reducer";
import { useTrying } from "./trying";
import { backupWords, differences } from "./words";

interface Props {
  model: VaultModel;
  can: Actions;
  onClose: () => void;
}

const TITLE = "Restore a backup";

/** A backup: chosen, compared with the vault, and put back. */
export function Restore({ can, onClose, model }: Props) {
  const [path, setPath] = useState("");
  const [password, setPassword] = useState("");
  const [change, setChange] = useState<DifferenceData | null>(null);
  const [done, setDone] = useState(false);
  const { busy, problem, attempt, forget } = useTrying();
  const complete = path.trim() !== "" && password !== "";
  const restore = async (apply: boolean) => {
    if (busy || !complete) return;
    const { result } = await attempt(can.restore(path.trim(), password, apply));
    if (!result) return;
    setChange(result);
    if (!apply) return;
    setDone(true);
    setPassword("");
  };
  const back = () => {
    setChange(null);
    setPassword("");
    forget();
  };
  if (!canSeal())
    return (
      <Dialog title={TITLE} open onClose={onClose}>
        <InCell command="%parllama vault restore PATH" />
      </Dialog>
    );
  return (
    <Dialog
      title={done ? "The backup is restored" : TITLE}
      open
      strict
      onClose={onClose}
      actions={
        done ? (
          <Button label="Close" kind="primary" onClick={onClose} />
        ) : (
          change && (
            <>
              <Button label="Back" onClick={back} />
              <Button
                label="Restore"
                kind="danger"
                busy={busy}
                onClick={() => restore(true)}
              />
            </>
          )
        )
      }
      decision={
        done || change
          ? undefined
          : {
              label: "Compare",
              busy,
              disabled: !complete,
              onClick: () => restore(false),
            }
      }
    >
      {change ? (
        <Change {...{ change, done, path }} absent={model.state === "absent"} />
      ) : (
        <>
          <Choice can={can} path={path} onChoose={setPath} />
          <PasswordField
            label="Password of the backup"
            value={password}
            hint="The one that the vault had when the backup was made."
            error={problem?.code === "wrong-password" ? problem.message : undefined}
            onInput={(text) => {
              setPassword(text);
              forget();
            }}
            onEnter={() => restore(false)}
          />
        </>
      )}
      {problem && (change || problem.code !== "wrong-password") && (
        <Problem error={problem} />
      )}
    </Dialog>
  );
}

/** The backups that the vault has made, or another file. */
function Choice({
  can,
  path,
  onChoose,
}: {
  can: Actions;
  path: string;
  onChoose: (path: string) => void;
}) {
  const group = useId();
  const [backups, setBackups] = useState<readonly BackupData[]>([]);
  useEffect(() => {
    can.backups().then(({ result }) => {
      if (!result) return;
      setBackups(result.backups);
      const [newest] = result.backups;
      if (newest && !path) onChoose(newest.path);
    });
  }, []);
  return (
    <>
      {backups.length > 0 && (
        <fieldset class="pl-vault-backups">
          <legend class="pl-label">Backups of the vault</legend>
          {backups.map((backup) => (
            <label key={backup.path}>
              <input
                type="radio"
                name={group}
                checked={path === backup.path}
                onChange={() => onChoose(backup.path)}
              />
              <span>{backupWords(backup)}</span>
              <span class="pl-quiet">{bytes(backup.size)}</span>
            </label>
          ))}
        </fieldset>
      )}
      <Field
        label={backups.length ? "Its file, or another one" : "File of the backup"}
        value={path}
        code
        onInput={onChoose}
      />
    </>
  );
}

/** What a backup changes, or has changed. */
function Change({
  change,
  done,
  path,
  absent,
}: {
  change: DifferenceData;
  done: boolean;
  path: string;
  absent: boolean;
}) {
  const { known, log, kept } = change;
  const nothing =
    known && !differences(change).some(([what]) => what !== "As they are");
  return (
    <>
      <p class="pl-vault-say pl-vault-path">{path}</p>
      {nothing && <p class="pl-vault-say">It has the same secrets as the vault.</p>}
      <dl class="pl-vault-changes">
        {differences(change).map(([what, names]) => (
          <div key={what}>
            <dt>{what}</dt>
            <dd>{names}</dd>
          </div>
        ))}
      </dl>
      {!known && !done && !absent && (
        <Banner
          kind="warning"
          message="The vault is locked, so that what would change is not known."
        />
      )}
      {log && <Banner kind="warning" message={`Its log is damaged: ${log}.`} />}
      {kept && <Banner message="The vault as it was before is kept:" hint={kept} />}
      {!done && (
        <p class="pl-vault-say">
          Nothing is changed yet. The present vault is kept in a file of its own.
        </p>
      )}
    </>
  );
}
