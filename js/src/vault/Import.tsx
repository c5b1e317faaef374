import { useEffect, useState } from "preact/hooks";
import { canSeal, Dialog, Field, PasswordField, Problem } from "../kit";
import type { FoundSecrets, SecretsFile } from "../protocol";
import type { Actions } from "./actions";
import { Found } from "./Found";
import { InCell } from "./InCell";
import { useTrying } from "./trying";
import { secrets } from "./words";

interface Props {
  can: Actions;
  onClose: () => void;
}

const TITLE = "Import secrets";

/** Secrets of another program's file: found, read, chosen. */
export function Import({ can, onClose }: Props) {
  const [path, setPath] = useState("");
  const [file, setFile] = useState<SecretsFile | null>(null);
  const [password, setPassword] = useState("");
  const [found, setFound] = useState<FoundSecrets | null>(null);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [marked, setMarked] = useState(false);
  const { busy, problem, attempt, forget } = useTrying();
  // The kernel keeps what it has read until it is told.
  useEffect(() => can.dropFile, []);
  // PAR LLAMA's own, if it is there; if not, a path is asked for.
  useEffect(() => {
    can.findFile("").then(({ result }) => result && setFile(result));
  }, []);
  const locked = file?.password ?? false;
  const read = async (known: SecretsFile) => {
    const typed = known.password ? password : null;
    if (typed === "") return;
    const { result } = await attempt(can.readFile(path, typed));
    if (!result) return;
    setPassword("");
    setFound(result);
    const fresh = result.rows.filter(({ state }) => state === "new");
    setChosen(new Set(fresh.map(({ name }) => name)));
  };
  const begin = async () => {
    if (busy) return;
    if (file) return read(file);
    const { result } = await attempt(can.findFile(path));
    if (!result) return;
    setFile(result);
    if (!result.password) read(result);
  };
  const take = async () => {
    if (busy || !chosen.size) return;
    const { error } = await attempt(can.importNames([...chosen], marked));
    if (error) return;
    const many = chosen.size !== 1;
    can.toaster.say(`${secrets(chosen.size)} ${many ? "are" : "is"} imported.`);
    onClose();
  };
  const sealable = canSeal() || !locked;
  const wrong = problem?.code === "wrong-password";
  return (
    <Dialog
      title={TITLE}
      open
      strict
      onClose={onClose}
      decision={
        found
          ? {
              label: `Import ${secrets(chosen.size)}`,
              busy,
              disabled: !chosen.size,
              onClick: take,
            }
          : {
              label: file || !path ? "Read" : "Look",
              busy,
              disabled: !sealable || (locked && !password) || (!file && !path.trim()),
              onClick: begin,
            }
      }
    >
      {found ? (
        <Found {...{ found, chosen, marked }} onChoose={setChosen} onMark={setMarked} />
      ) : (
        <>
          <Field
            label="File"
            value={path}
            placeholder={file && !path ? file.path : "PATH/secrets.json"}
            code
            hint={
              file && !path
                ? "PAR LLAMA's own. Another file is read, too: secrets.json or .env."
                : "PAR LLAMA's secrets.json, or a .env file, on the kernel's machine."
            }
            onInput={(text) => {
              setPath(text);
              setFile(null);
              forget();
            }}
            onKeyDown={(event) => {
              if (event.key === "Enter") begin();
            }}
          />
          {locked && sealable && (
            <PasswordField
              label="Password of the file"
              value={password}
              error={wrong ? problem?.message : undefined}
              onInput={(text) => {
                setPassword(text);
                forget();
              }}
              onEnter={begin}
            />
          )}
          {!sealable && <InCell command={`%parllama vault import ${path}`.trim()} />}
        </>
      )}
      {problem && !wrong && <Problem error={problem} />}
    </Dialog>
  );
}
