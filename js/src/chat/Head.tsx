import { useEffect, useRef, useState } from "preact/hooks";
import type { PartLink } from "../connection";
import { IconButton } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Field } from "../ui/Field";
import { Menu } from "../ui/Menu";
import type { Actions } from "./actions";
import { ExportDialog } from "./ExportDialog";
import { Import } from "./Import";
import { PromptDialog } from "./PromptDialog";
import { type ChatModel, isBusy } from "./reducer";
import { SessionTabs } from "./SessionTabs";
import { ENCRYPTS } from "./words";

interface Props {
  chat: ChatModel;
  actions: Actions;
  onOptions: () => void;
  onFind: () => void;
  /** Shows the list of all conversations. */
  onList: () => void;
  link: PartLink;
}

/** What is asked of the user before something is done. */
type Asking = "rename" | "encrypt" | "summarise" | "prompt" | "export" | null;

/** The open conversations, and the menu of the one that is shown. */
export function Head({ chat, actions, onOptions, onFind, onList, link }: Props) {
  const { name, encrypted, locked } = chat.session;
  const [asking, setAsking] = useState<Asking>(null);
  const [files, setFiles] = useState<readonly File[]>([]);
  const picker = useRef<HTMLInputElement>(null);
  const close = () => setAsking(null);
  const empty = chat.ready && !chat.turns.length && !chat.pending;
  const nothing = locked !== "" || empty;
  return (
    <div class="pl-head">
      <IconButton label="Conversations" icon="list" onClick={onList} />
      <SessionTabs tabs={chat.tabs} actions={actions} />
      <IconButton label="New chat" icon="plus" onClick={actions.newSession} />
      <Menu
        label="Chat menu"
        icon="more"
        align="end"
        items={[
          {
            label: "Find in this chat",
            icon: "search",
            disabled: locked !== "",
            onSelect: onFind,
          },
          {
            label: "Instructions and options…",
            icon: "settings",
            disabled: locked !== "",
            onSelect: onOptions,
          },
          {
            label: "Rename…",
            icon: "edit",
            disabled: locked !== "",
            onSelect: () => setAsking("rename"),
          },
          {
            label: "Suggest a name",
            icon: "chat",
            disabled: nothing || encrypted || isBusy(chat),
            onSelect: actions.suggestName,
          },
          {
            label: "Duplicate",
            icon: "copy",
            disabled: nothing,
            onSelect: () => void actions.duplicate(),
          },
          {
            label: encrypted ? "Decrypt…" : "Encrypt…",
            icon: encrypted ? "unlock" : "lock",
            disabled: locked !== "",
            onSelect: () => setAsking("encrypt"),
          },
          {
            label: "Summarise and go on…",
            icon: "sorted",
            apart: true,
            disabled: nothing || isBusy(chat),
            onSelect: () => setAsking("summarise"),
          },
          {
            label: "Save as a prompt…",
            icon: "book",
            disabled: nothing || encrypted,
            onSelect: () => setAsking("prompt"),
          },
          {
            label: "Export…",
            icon: "download",
            disabled: locked !== "",
            onSelect: () => setAsking("export"),
          },
          {
            label: "Import…",
            icon: "upload",
            onSelect: () => picker.current?.click(),
          },
          {
            label: "Delete",
            icon: "trash",
            danger: true,
            apart: true,
            onSelect: actions.removeSession,
          },
        ]}
      />
      <Rename
        open={asking === "rename"}
        name={name}
        actions={actions}
        onClose={close}
      />
      <Dialog
        title="Summarise and go on?"
        open={asking === "summarise"}
        onClose={close}
        decision={{
          label: "Summarise",
          onClick: () => {
            close();
            actions.summarise();
          },
        }}
      >
        <p>
          The model sums this conversation up, and it goes on from the summary, which is
          shorter. All turns stay: the arrows at the summary lead back to them.
        </p>
      </Dialog>
      <PromptDialog
        open={asking === "prompt"}
        session={name}
        actions={actions}
        link={link}
        onClose={close}
      />
      <ExportDialog
        open={asking === "export"}
        session={chat.session}
        empty={empty}
        actions={actions}
        link={link}
        onClose={close}
      />
      <input
        ref={picker}
        type="file"
        multiple
        hidden
        aria-label="Files of conversations"
        accept=".md,.json,.ipynb,.zip"
        onChange={(event) => {
          setFiles([...(event.currentTarget.files ?? [])]);
          // The same file may be picked again.
          event.currentTarget.value = "";
        }}
      />
      <Import
        files={files}
        actions={actions}
        link={link}
        onClose={() => setFiles([])}
      />
      <Dialog
        title={encrypted ? "Decrypt this conversation?" : "Encrypt this conversation?"}
        open={asking === "encrypt"}
        onClose={close}
        decision={{
          label: encrypted ? "Decrypt" : "Encrypt",
          onClick: () => {
            close();
            if (encrypted) actions.decrypt();
            else actions.encrypt();
          },
        }}
      >
        <p>{ENCRYPTS[encrypted ? "decrypt" : "encrypt"]}</p>
      </Dialog>
    </div>
  );
}

interface RenameProps {
  open: boolean;
  name: string;
  actions: Actions;
  onClose: () => void;
}

function Rename({ open, name, actions, onClose }: RenameProps) {
  // What is typed stays, whatever it is called meanwhile.
  const [typed, setTyped] = useState<string | null>(null);
  useEffect(() => setTyped(null), [open]);
  const text = typed ?? name;
  const rename = () => {
    onClose();
    if (text.trim() && text.trim() !== name) void actions.rename(text);
  };
  return (
    <Dialog
      title="Rename"
      open={open}
      onClose={onClose}
      decision={{ label: "Rename", onClick: rename }}
    >
      <Field
        label="Name"
        value={text}
        onInput={setTyped}
        onKeyDown={(event) => {
          if (event.key === "Enter") {
            event.preventDefault();
            rename();
          }
        }}
      />
    </Dialog>
  );
}
