import { useEffect, useState } from "preact/hooks";
import type { SessionEntry } from "../protocol";
import { IconButton } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Field } from "../ui/Field";
import { Icon } from "../ui/icons";
import { Menu } from "../ui/Menu";
import { Select } from "../ui/Select";
import type { Actions } from "./actions";
import type { ChatModel } from "./reducer";
import { titleOf } from "./title";

interface Props {
  chat: ChatModel;
  actions: Actions;
  onOptions: () => void;
  onFind: () => void;
}

/** The conversation's name and menu. */
export function Head({ chat, actions, onOptions, onFind }: Props) {
  const { name, encrypted, locked } = chat.session;
  const count = locked ? chat.session.turns : chat.earlier + chat.turns.length;
  const [asking, setAsking] = useState<"rename" | "encrypt" | "remove" | null>(null);
  const [sessions, setSessions] = useState<SessionEntry[] | null>(null);
  const known = sessions ?? [];
  const others = known.some((each) => each.name === name)
    ? known
    : [{ name, turns: count, used: 0 }, ...known];
  const [listing, setListing] = useState(false);
  const list = async () => {
    setListing(true);
    setSessions(await actions.sessions().catch(() => []));
    setListing(false);
  };
  return (
    <div class="pl-head">
      <div class="pl-head-name">
        <Select
          label="Conversation"
          hideLabel
          value={name}
          options={others.map((each) => ({
            value: each.name,
            label: titleOf(each.name),
            description: `${each.turns}`,
          }))}
          loading={listing}
          empty="No conversation has this name."
          onOpen={list}
          onSelect={actions.open}
        />
      </div>
      {encrypted && (
        <span class="pl-head-lock" role="img" aria-label="Encrypted" title="Encrypted">
          <Icon name="lock" />
        </span>
      )}
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
          { label: "Rename…", icon: "edit", onSelect: () => setAsking("rename") },
          {
            label: encrypted ? "Decrypt…" : "Encrypt…",
            icon: encrypted ? "unlock" : "lock",
            disabled: locked !== "",
            onSelect: () => setAsking("encrypt"),
          },
          {
            label: "Delete…",
            icon: "trash",
            danger: true,
            apart: true,
            onSelect: () => setAsking("remove"),
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
        <p>
          {encrypted
            ? "Anyone who can read your files can then read it without a password."
            : "Its text is encrypted under the vault's password and opens only while " +
              "the vault is unlocked. Its name, models, times and costs stay readable, " +
              "and cells keep their output."}
        </p>
      </Dialog>
      <Dialog
        title="Delete this conversation?"
        strict
        open={asking === "remove"}
        onClose={() => setAsking(null)}
        decision={{
          label: "Delete",
          kind: "danger",
          onClick: () => {
            setAsking(null);
            actions.removeSession();
          },
        }}
      >
        <p>
          {count === 1
            ? `“${titleOf(name)}” and its one turn are deleted.`
            : `“${titleOf(name)}” and its ${count} turns are deleted.`}{" "}
          This cannot be undone.
        </p>
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
