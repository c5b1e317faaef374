import { useEffect, useState } from "preact/hooks";
import { shown } from "../bridge";
import type { PartLink } from "../connection";
import type {
  ConversationFile,
  ExportSession,
  Failure,
  SessionData,
} from "../protocol";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Failed } from "../ui/Failed";
import { Field } from "../ui/Field";
import { Select } from "../ui/Select";
import { Switch } from "../ui/Switch";
import type { Actions } from "./actions";
import { titleOf } from "./title";

interface Props {
  open: boolean;
  session: SessionData;
  /** There is nothing in it to export. */
  empty: boolean;
  actions: Actions;
  link: PartLink;
  onClose: () => void;
}

type Format = NonNullable<ExportSession["format"]>;

const FORMATS: { value: Format; label: string; description: string }[] = [
  { value: "markdown", label: "Markdown", description: "to read, edit and import" },
  { value: "json", label: "JSON", description: "all there is, to import" },
  { value: "notebook", label: "Notebook", description: "code becomes cells" },
  { value: "html", label: "HTML", description: "a page to share; not imported" },
];

/** Has the browser download a conversation, or all, or the kernel write it to a path. */
export function ExportDialog(props: Props) {
  const { open, session, empty, actions, link, onClose } = props;
  const [all, setAll] = useState(false);
  const [format, setFormat] = useState<Format>("markdown");
  const [path, setPath] = useState("");
  const [overwrite, setOverwrite] = useState(false);
  const [decrypted, setDecrypted] = useState(false);
  const [problem, setProblem] = useState<Failure | null>(null);
  const [busy, setBusy] = useState<"page" | "path" | null>(null);
  const [last, setLast] = useState("");
  useEffect(() => {
    setProblem(null);
    setDecrypted(false);
    setOverwrite(false);
    setAll(empty);
  }, [open]);
  const ready = all || !session.encrypted || decrypted;
  const go = async (path: string) => {
    if (busy || !ready) return;
    setBusy(path ? "path" : "page");
    setProblem(null);
    setLast(path);
    const name = all ? "" : session.name;
    try {
      const params = { name, format, path, decrypted, overwrite };
      actions.toaster.say(saying(await actions.exportSession(params)));
      onClose();
    } catch (error) {
      setProblem(shown(error as Error));
    }
    setBusy(null);
  };
  return (
    <Dialog
      title="Export"
      open={open}
      onClose={onClose}
      actions={
        <>
          <Button
            label="Write to the path"
            busy={busy === "path"}
            disabled={!path.trim() || !ready || busy !== null}
            onClick={() => void go(path.trim())}
          />
          <Button
            label="Download"
            kind="primary"
            icon="download"
            busy={busy === "page"}
            disabled={!ready || busy !== null}
            onClick={() => void go("")}
          />
        </>
      }
    >
      <div class="pl-transfer">
        <Select
          label="What"
          value={all ? "all" : "one"}
          options={[
            ...(empty ? [] : [{ value: "one", label: titleOf(session.name) }]),
            { value: "all", label: "All conversations" },
          ]}
          onSelect={(value) => setAll(value === "all")}
        />
        <Select
          label="Format"
          value={format}
          options={FORMATS}
          onSelect={(value) => setFormat(value as Format)}
        />
        {(all || session.encrypted) && (
          <Switch
            label={all ? "Encrypted ones too" : "In clear text"}
            on={decrypted}
            onChange={setDecrypted}
            hint="Whoever has the file can read what is encrypted here."
          />
        )}
        <Field
          label="Path"
          code
          value={path}
          placeholder={all ? "conversations.zip" : "conversation.md"}
          hint="Of a file or a folder on the kernel's machine. A download needs none."
          onInput={setPath}
        />
        {path.trim() && (
          <Switch
            label="Replace files that exist"
            on={overwrite}
            onChange={setOverwrite}
          />
        )}
        {problem && (
          <Failed error={problem} link={link} onUnlocked={() => void go(last)} />
        )}
      </div>
    </Dialog>
  );
}

/** What was exported, in one line. */
function saying({ file_name, path, count, notes }: ConversationFile): string {
  const what = count === 1 ? "Exported" : `${count.toLocaleString("en")} exported`;
  return [`${what} as ${file_name || path}.`, ...notes].join(" ");
}
