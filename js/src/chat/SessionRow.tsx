import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { DeletedEntry, SessionEntry } from "../protocol";
import { IconButton } from "../ui/Button";
import { Icon } from "../ui/icons";
import { Menu, type MenuItem } from "../ui/Menu";
import { as, type Place } from "../ui/Virtual";
import type { Asked } from "./SessionDialogs";
import { type GroupLine, type Line, shownName, whenOf } from "./session-lines";

interface Props {
  at: Place;
  line: Line;
  now: number;
  /** The conversation that is shown in the chat. */
  current: string;
  onOpen: (line: Line) => void;
  onAsk: (asked: Asked) => void;
  onPin: (session: SessionEntry) => void;
  onCopy: (session: SessionEntry) => void;
  onRemove: (session: SessionEntry) => void;
}

/** One line of the list: a conversation, where words were found, or a group's title. */
export function SessionRow({ at, line, now, current, ...can }: Props) {
  const { onOpen } = can;
  if (line.kind === "group")
    return <Group at={at} line={line} onOpen={() => onOpen(line)} />;
  if (line.kind === "deleted")
    return (
      <Deleted at={at} entry={line.entry} now={now} onRestore={() => onOpen(line)} />
    );
  const { session } = line;
  const name = line.kind === "hit" ? line.hit.session : line.session.name;
  const title = session ? shownName(session) : name;
  return (
    <Row
      at={at}
      class={name === current ? "pl-session-current" : ""}
      onOpen={() => onOpen(line)}
    >
      <div {...as("gridcell")} class="pl-session-main">
        <span class="pl-session-name">
          {session?.pinned && <Icon name="starred" class="pl-session-pin" />}
          {session?.encrypted && <Icon name="lock" />}
          <span dir="auto">{title}</span>
        </span>
        <span class="pl-session-more pl-quiet">
          {line.kind === "hit" ? (
            <Snippet pieces={line.hit.snippet} />
          ) : (
            <Facts session={line.session} now={now} />
          )}
        </span>
      </div>
      {session && (
        <RowMenu
          // Rows have keys by their places: an open menu must not become another's.
          key={name}
          label={`Actions for ${title}`}
          active={at.active}
          items={menuOf(session, line, can)}
        />
      )}
    </Row>
  );
}

interface RowMenuProps {
  label: string;
  active: boolean;
  items: readonly MenuItem[];
}

function RowMenu({ label, active, items }: RowMenuProps) {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(
    () => () => {
      const { current: cell } = box;
      // Who was in it stays in the list.
      if (cell?.contains(document.activeElement))
        cell.parentElement?.focus({ preventScroll: true });
    },
    [],
  );
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keeps clicks from the row
    // biome-ignore lint/a11y/useKeyWithClickEvents: as above
    <div
      {...as("gridcell")}
      class="pl-session-menu"
      ref={box}
      onClick={(event) => event.stopPropagation()}
    >
      <Menu
        label={label}
        icon="more"
        align="end"
        tabIndex={active ? 0 : -1}
        items={items}
      />
    </div>
  );
}

function menuOf(
  session: SessionEntry,
  line: Line,
  {
    onOpen,
    onAsk,
    onPin,
    onCopy,
    onRemove,
  }: Omit<Props, "at" | "line" | "now" | "current">,
) {
  const { locked, pinned, encrypted } = session;
  const ask = (kind: Asked["kind"]) => () => onAsk({ kind, session });
  return [
    { label: "Open", icon: "chat", onSelect: () => onOpen(line) },
    { label: "Rename…", icon: "edit", disabled: locked, onSelect: ask("rename") },
    { label: "Folder…", icon: "folder", disabled: locked, onSelect: ask("folder") },
    { label: "Tags…", icon: "tag", disabled: locked, onSelect: ask("tags") },
    {
      label: pinned ? "Unpin" : "Pin",
      icon: pinned ? "star" : "starred",
      onSelect: () => onPin(session),
    },
    {
      label: "Duplicate",
      icon: "copy",
      disabled: locked,
      onSelect: () => onCopy(session),
    },
    {
      label: encrypted ? "Decrypt…" : "Encrypt…",
      icon: encrypted ? "unlock" : "lock",
      disabled: locked,
      onSelect: ask("encrypt"),
    },
    {
      label: "Delete",
      icon: "trash",
      danger: true,
      apart: true,
      onSelect: () => onRemove(session),
    },
    {
      label: "Delete for good…",
      icon: "trash",
      danger: true,
      onSelect: ask("forget"),
    },
  ] as const;
}

interface RowProps {
  at: Place;
  class?: string;
  onOpen: () => void;
  children: ComponentChildren;
}

function Row({ at, onOpen, children, ...props }: RowProps) {
  const { index, top, active } = at;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it is a row of a grid
    <div
      {...as("row", { "aria-rowindex": index + 1 })}
      class={["pl-session-row", props.class].filter(Boolean).join(" ")}
      style={{ transform: `translateY(${top}px)` }}
      tabIndex={active ? 0 : -1}
      onFocus={at.onFocus}
      onKeyDown={at.onKeyDown}
      onClick={onOpen}
    >
      {children}
    </div>
  );
}

interface GroupProps {
  at: Place;
  line: GroupLine;
  onOpen: () => void;
}

function Group({ at, line, onOpen }: GroupProps) {
  return (
    <Row at={at} class="pl-session-group" onOpen={onOpen}>
      <div {...as("gridcell")} class="pl-session-main">
        <span class="pl-session-name">
          <Icon name="chevron" class={line.folded ? "" : "pl-session-open"} />
          <span dir="auto">{line.title}</span>
          <span class="pl-count">{line.count}</span>
          <span class="pl-hidden">{line.folded ? "folded" : "unfolded"}</span>
        </span>
      </div>
    </Row>
  );
}

interface DeletedProps {
  at: Place;
  entry: DeletedEntry;
  now: number;
  onRestore: () => void;
}

function Deleted({ at, entry, now, onRestore }: DeletedProps) {
  const { title, locked, encrypted, name, deleted } = entry;
  const shown = shownName({ name: title, locked });
  return (
    <Row at={at} onOpen={onRestore}>
      <div {...as("gridcell")} class="pl-session-main">
        <span class="pl-session-name">
          {encrypted && <Icon name="lock" />}
          <span dir="auto">{shown}</span>
        </span>
        <span class="pl-session-more pl-quiet">
          <span>
            deleted {whenOf(deleted, now)}
            {locked && ` · ${name}`}
          </span>
        </span>
      </div>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: keeps clicks from the row */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: as above */}
      <div {...as("gridcell")} onClick={(event) => event.stopPropagation()}>
        <IconButton
          label={`Restore ${shown}`}
          icon="undo"
          tabIndex={at.active ? 0 : -1}
          onClick={onRestore}
        />
      </div>
    </Row>
  );
}

function Facts({ session, now }: { session: SessionEntry; now: number }) {
  const { used, turns, tags, locked, name } = session;
  const count = turns === 1 ? "1 turn" : `${turns} turns`;
  return (
    <>
      <span>
        {whenOf(used, now)} · {count}
        {locked && ` · ${name}`}
      </span>
      {tags.map((tag) => (
        <span key={tag} class="pl-session-tag">
          {tag}
        </span>
      ))}
    </>
  );
}

function Snippet({ pieces }: { pieces: readonly string[] }) {
  if (!pieces.length) return <span>In its name, folder or tags</span>;
  return (
    <span class="pl-session-snippet" dir="auto">
      {pieces.map((piece, index) =>
        index % 2 ? <mark key={piece + String(index)}>{piece}</mark> : piece,
      )}
    </span>
  );
}
