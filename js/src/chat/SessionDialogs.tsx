import { useEffect, useState } from "preact/hooks";
import { shown } from "../bridge";
import type { PartLink } from "../connection";
import type { Failure, SessionEntry } from "../protocol";
import { Dialog } from "../ui/Dialog";
import { Failed } from "../ui/Failed";
import { Field } from "../ui/Field";
import type { SessionActions } from "./session-actions";
import { shownName, tagsIn } from "./session-lines";
import { ENCRYPTS } from "./words";

/** What is asked of the user about a conversation. */
export interface Asked {
  kind: "rename" | "folder" | "tags" | "encrypt" | "forget";
  session: SessionEntry;
}

interface Props {
  asked: Asked | null;
  folders: readonly string[];
  can: SessionActions["change"];
  link: PartLink;
  onClose: () => void;
  /** Something was changed. */
  onDone: () => void;
}

const FIELDS = {
  rename: { title: "Rename", label: "Name", hint: "" },
  folder: { title: "Folder", label: "Folder", hint: "An empty one takes it out." },
  tags: { title: "Tags", label: "Tags", hint: "Several are put between commas." },
};

/** The dialogs of a conversation's menu. */
export function SessionDialogs({ asked, folders, can, link, onClose, onDone }: Props) {
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Failure | null>(null);
  useEffect(() => {
    if (!asked) return;
    const { name, folder, tags } = asked.session;
    const texts = {
      rename: name,
      folder,
      tags: tags.join(", "),
      encrypt: "",
      forget: "",
    };
    setText(texts[asked.kind]);
    setProblem(null);
  }, [asked]);
  const { kind, session } = asked ?? {};
  const title = session ? shownName(session) : "";
  const change = () => {
    if (!session || busy) return;
    const { name, encrypted } = session;
    const work = {
      rename: () => can.rename(name, text),
      folder: () => can.file(name, text),
      tags: () => can.tag(name, tagsIn(text)),
      encrypt: () => (encrypted ? can.decrypt(name) : can.encrypt(name)),
      forget: () => can.remove(session, true, () => {}),
    }[kind ?? "rename"];
    setBusy(true);
    work()
      .then(() => {
        onClose();
        onDone();
      })
      .catch((error) => setProblem(shown(error)))
      .finally(() => setBusy(false));
  };
  const failed = problem && (
    <Failed
      error={problem}
      link={link}
      onUnlocked={() => {
        setProblem(null);
        change();
      }}
    />
  );
  const field = kind && kind in FIELDS ? FIELDS[kind as keyof typeof FIELDS] : null;
  return (
    <>
      <Dialog
        title={field ? `${field.title}: ${title}` : ""}
        open={field !== null}
        onClose={onClose}
        decision={{ label: "Save", busy, onClick: change }}
      >
        {field && (
          <Field
            label={field.label}
            hint={field.hint || undefined}
            value={text}
            onInput={setText}
            {...(kind === "folder" && { suggestions: folders })}
            onKeyDown={(event) => {
              if (event.key !== "Enter") return;
              event.preventDefault();
              change();
            }}
          />
        )}
        {failed}
      </Dialog>
      <Dialog
        title={
          session?.encrypted
            ? "Decrypt this conversation?"
            : "Encrypt this conversation?"
        }
        open={kind === "encrypt"}
        onClose={onClose}
        decision={{
          label: session?.encrypted ? "Decrypt" : "Encrypt",
          busy,
          onClick: change,
        }}
      >
        <p>{ENCRYPTS[session?.encrypted ? "decrypt" : "encrypt"]}</p>
        {failed}
      </Dialog>
      <Dialog
        title="Delete this conversation for good?"
        strict
        open={kind === "forget"}
        onClose={onClose}
        decision={{ label: "Delete for good", kind: "danger", busy, onClick: change }}
      >
        <p>
          “{title}” and all its turns are wiped from the database. Nothing undoes that.
        </p>
        {failed}
      </Dialog>
    </>
  );
}
