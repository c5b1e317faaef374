import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { shown } from "../bridge";
import type { PartLink } from "../connection";
import type {
  ChatTabs,
  DeletedEntry,
  Failure,
  FoundSessions,
  SessionEntry,
} from "../protocol";
import { UnlockVault } from "../ui/AddKey";
import { Button } from "../ui/Button";
import { Dots } from "../ui/Dots";
import { Drawer } from "../ui/Drawer";
import { Empty } from "../ui/Empty";
import { Failed } from "../ui/Failed";
import { Field } from "../ui/Field";
import { Select } from "../ui/Select";
import { Virtual } from "../ui/Virtual";
import { type Asked, SessionDialogs } from "./SessionDialogs";
import { SessionRow } from "./SessionRow";
import type { SessionActions } from "./session-actions";
import {
  deletedLines,
  foldersOf,
  type Line,
  linesOf,
  type Sort,
  tagsOf,
} from "./session-lines";

interface Props {
  open: boolean;
  /** The name of the conversation that is shown. */
  current: string;
  /** The list is read again when these change. */
  tabs: ChatTabs;
  actions: SessionActions;
  link: PartLink;
  onClose: () => void;
  /** A conversation was opened, at a turn or at its end. */
  onOpened: (turn: number | undefined) => void;
}

/** All conversations: searched, sorted into folders, opened, changed and deleted. */
export function Sessions({ open, onClose, ...props }: Props) {
  return (
    <Drawer title="Conversations" open={open} wide onClose={onClose}>
      <All {...props} onClose={onClose} />
    </Drawer>
  );
}

/** Pixels of a row, as the style has them. */
const ROW = 50;

/** Milliseconds after the last key until it is searched. */
const PAUSE = 250;

/** Tags that are shown to choose from. */
const TAGS = 12;

const SORTS = [
  { value: "used", label: "Last used" },
  { value: "created", label: "Newest" },
  { value: "name", label: "Name" },
];

type AllProps = Omit<Props, "open">;

function All({ current, tabs, actions, link, onClose, onOpened }: AllProps) {
  const [sessions, setSessions] = useState<readonly SessionEntry[] | null>(null);
  const [deleted, setDeleted] = useState<readonly DeletedEntry[]>([]);
  const [problem, setProblem] = useState<Failure | null>(null);
  const [query, setQuery] = useState("");
  const [tags, setTags] = useState<readonly string[]>([]);
  const [sort, setSort] = useState<Sort>("used");
  const [folded, setFolded] = useState<ReadonlySet<string>>(actions.folded);
  const [asked, setAsked] = useState<Asked | null>(null);
  const fetch = useRef(() => {});
  fetch.current = () => {
    actions
      .sessions()
      .then((all) => {
        setSessions(all.sessions);
        setDeleted(all.deleted);
        setProblem(null);
      })
      .catch((error) => setProblem(shown(error)));
  };
  useEffect(() => fetch.current(), [tabs]);
  useEffect(() => {
    const ending = new AbortController();
    link.listen(({ event }) => {
      if (event === "lock") fetch.current();
    }, ending.signal);
    return () => ending.abort();
  }, []);
  const { found, again } = useSearch(actions, query, sessions, setProblem);
  const all = sessions ?? [];
  const byName = useMemo(() => new Map(all.map((each) => [each.name, each])), [all]);
  const lines = useMemo<Line[]>(() => {
    const look = { sort, tags, folded };
    if (!query.trim()) return [...linesOf(all, look), ...deletedLines(deleted, look)];
    return (found?.hits ?? []).map((hit) => ({
      kind: "hit",
      hit,
      session: byName.get(hit.session),
    }));
  }, [all, deleted, byName, query, found, sort, tags, folded]);
  const locked = all.filter((each) => each.locked).length;
  const known = useMemo(() => tagsOf(all).slice(0, TAGS), [all]);
  const done = () => fetch.current();
  const failed = (error: Error) => setProblem(shown(error));

  const onOpen = async (line: Line | undefined) => {
    if (!line) return;
    if (line.kind === "group") {
      const next = new Set(folded);
      if (!next.delete(line.key)) next.add(line.key);
      actions.folded = next;
      setFolded(next);
      return;
    }
    if (line.kind === "deleted") {
      // It comes back where it was; a second one opens it.
      await actions.change.restore(line.entry.name).then(done).catch(failed);
      return;
    }
    const [name, turn] =
      line.kind === "hit"
        ? [line.hit.session, line.hit.turn ?? undefined]
        : [line.session.name];
    if (await actions.open(name, turn)) {
      onClose();
      onOpened(turn);
    }
  };
  const remove = (session: SessionEntry) =>
    void actions.change.remove(session, false, done).then(done).catch(failed);
  const onKey = (key: string, index: number) => {
    const line = lines[index];
    const session =
      line?.kind === "session" || line?.kind === "hit" ? line.session : undefined;
    if (key === "Enter" || (key === " " && line?.kind === "group")) void onOpen(line);
    else if (key === "Delete" && session) remove(session);
    else if (key === "F2" && session && !session.locked)
      setAsked({ kind: "rename", session });
    else return false;
    return true;
  };
  const searching = query.trim() !== "" && found === null && !problem;
  const now = Date.now() / 1000;
  return (
    <div class="pl-sessions">
      <Field
        label="Search all conversations"
        hideLabel
        kind="search"
        placeholder="Search all conversations"
        value={query}
        onInput={setQuery}
      />
      {!query.trim() && all.length > 1 && (
        <div class="pl-sessions-narrow">
          {/* biome-ignore lint/a11y/useSemanticElements: a fieldset has looks of its own */}
          <div class="pl-sessions-tags" role="group" aria-label="Only with these tags">
            {known.map((tag) => (
              <button
                key={tag}
                type="button"
                class="pl-session-tag"
                aria-pressed={tags.includes(tag)}
                onClick={() =>
                  setTags(
                    tags.includes(tag)
                      ? tags.filter((each) => each !== tag)
                      : [...tags, tag],
                  )
                }
              >
                {tag}
              </button>
            ))}
          </div>
          <Select
            label="Order"
            hideLabel
            value={sort}
            options={SORTS}
            onSelect={(value) => setSort(value as Sort)}
          />
        </div>
      )}
      {locked > 0 && (
        <div class="pl-sessions-locked">
          <span>
            {locked === 1
              ? "1 encrypted conversation is"
              : `${locked} encrypted ones are`}{" "}
            locked{query.trim() && ", and not searched"}.
          </span>
          <UnlockVault link={link} size="small" onUnlocked={done} />
        </div>
      )}
      {problem && <Failed error={problem} link={link} onUnlocked={done} />}
      <span class="pl-hidden" role="status">
        {searching
          ? "Searching"
          : query.trim()
            ? `${lines.length} found`
            : sessions && `${all.length} conversations`}
      </span>
      {(searching || sessions === null) && !problem && (
        <div class="pl-sessions-wait">
          <Dots /> {searching ? "Searching…" : "Reading…"}
        </div>
      )}
      {lines.length > 0 && (
        <Virtual
          label="Conversations"
          class="pl-sessions-list"
          count={lines.length}
          height={ROW}
          anew={[query, sort, ...tags].join("\n")}
          onKey={onKey}
        >
          {(at) => {
            const line = lines[at.index];
            return (
              line && (
                <SessionRow
                  // By its place, so that the one after a deleted one has the focus.
                  key={at.index}
                  {...{ at, line, now, current }}
                  onOpen={onOpen}
                  onAsk={setAsked}
                  onPin={({ name, pinned }) =>
                    void actions.change.pin(name, !pinned).then(done).catch(failed)
                  }
                  onCopy={({ name }) =>
                    void actions.change.duplicate(name).then(done).catch(failed)
                  }
                  onRemove={remove}
                />
              )
            );
          }}
        </Virtual>
      )}
      {found && !found.complete && (
        <div class="pl-sessions-locked">
          <span>Some conversations are still being indexed.</span>
          <Button label="Search on" size="small" onClick={again} />
        </div>
      )}
      {sessions && !lines.length && !searching && !problem && (
        <Empty
          title={query.trim() || tags.length ? "Nothing found" : "No conversations yet"}
          icon={query.trim() || tags.length ? "search" : "chat"}
        >
          <p>
            {query.trim()
              ? "Words are found by their beginnings, “phrases” in quotes."
              : tags.length
                ? "No conversation has all these tags."
                : "A conversation is saved with its first question."}
          </p>
        </Empty>
      )}
      <SessionDialogs
        asked={asked}
        folders={foldersOf(all)}
        can={actions.change}
        link={link}
        onClose={() => setAsked(null)}
        onDone={done}
      />
    </div>
  );
}

/** What a search has found; null while it is under way. */
function useSearch(
  actions: SessionActions,
  query: string,
  /** Searched again if these have changed. */
  sessions: readonly SessionEntry[] | null,
  failed: (problem: Failure | null) => void,
) {
  const [found, setFound] = useState<FoundSessions | null>(null);
  const [turn, setTurn] = useState(0);
  const before = useRef("");
  useEffect(() => {
    if (before.current !== query) setFound(null);
    before.current = query;
    if (!query.trim()) return;
    const ending = new AbortController();
    const timer = setTimeout(() => {
      actions
        .searchSessions(query, ending.signal)
        .then((result) => {
          setFound(result);
          failed(null);
        })
        .catch((error) => {
          if (!ending.signal.aborted) failed(shown(error));
        });
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      ending.abort();
    };
  }, [query, sessions, turn]);
  return { found, again: () => setTurn(turn + 1) };
}
