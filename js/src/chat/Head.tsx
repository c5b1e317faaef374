import { useEffect, useState } from "preact/hooks";
import { IconButton } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Field } from "../ui/Field";
import { Menu } from "../ui/Menu";
import type { Actions } from "./actions";
import type { ChatModel } from "./reducer";
import { SessionTabs } from "./SessionTabs";
import { ENCRYPTS } from "./words";

interface Props {
  chat: ChatModel;
  actions: Actions;
  onOptions: () => void;
  onFind: () => void;
  /** Shows the list of all conversations. */
  onList: () => void;
}

/** The open conversations, and the menu of the one that is shown. */
export function Head({ chat, actions, onOptions, onFind, onList }: Props) {
  const { name, encrypted, locked } = chat.session;
  const [asking, setAsking] = useState<"rename" | "encrypt" | null>(null);
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
            label: encrypted ? "Decrypt…" : "Encrypt…",
            icon: encrypted ? "unlock" : "lock",
            disabled: locked !== "",
            onSelect: () => setAsking("encrypt"),
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
        onClose={() => setAsking(null)}
      />
      <Dialog
        title={encrypted ? "Decrypt this conversation?" : "Encrypt this conversation?"}
        open={asking === "encrypt"}
        onClose={() => setAsking(null)}
        decision={{
          label: encrypted ? "Decrypt" : "Encrypt",
          onClick: () => {
            setAsking(null);
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
  const [text, setText] = useState(name);
  useEffect(() => setText(name), [name, open]);
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
        onInput={setText}
        onKeyDown={(event) => {
          if (event.key === "Enter" && !event.isComposing) {
            event.preventDefault();
            rename();
          }
        }}
      />
    </Dialog>
  );
}
