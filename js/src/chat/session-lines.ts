// The conversations in the order of the list: pinned ones, folders, and the others.
import type { DeletedEntry, FoundText, SessionEntry } from "../protocol";
import { titleOf } from "./title";

export type Sort = "used" | "created" | "name";

/** What the list is narrowed to, and how it is put in order. */
export interface Look {
  sort: Sort;
  /** Only those that have all of these. */
  tags: readonly string[];
  /** The groups that are folded. */
  folded: ReadonlySet<string>;
}

export interface GroupLine {
  kind: "group";
  /** Tells it from other groups. */
  key: string;
  title: string;
  count: number;
  folded: boolean;
}

export type Line =
  | GroupLine
  | { kind: "session"; session: SessionEntry }
  | { kind: "deleted"; entry: DeletedEntry }
  | { kind: "hit"; hit: FoundText; session: SessionEntry | undefined };

const PINNED = "pinned";
const OTHERS = "others";
/** The group of those that can be restored: folded, unless it was unfolded. */
export const DELETED = "deleted";
const FOLDER = "folder ";

/** What a list calls a conversation: a locked one has no name that says anything. */
export const shownName = ({ name, locked }: { name: string; locked?: boolean }) =>
  locked ? "Locked conversation" : titleOf(name);

const compare: Record<Sort, (a: SessionEntry, b: SessionEntry) => number> = {
  used: (a, b) => b.used - a.used,
  created: (a, b) => b.created - a.created,
  name: (a, b) => titleOf(a.name).localeCompare(titleOf(b.name)),
};

/** The lines of the list; titles of groups only where there is more than one. */
export function linesOf(sessions: readonly SessionEntry[], look: Look): Line[] {
  const groups = new Map<string, SessionEntry[]>();
  const shown = sessions.filter(({ tags }) =>
    look.tags.every((tag) => tags.includes(tag)),
  );
  for (const session of shown.sort(compare[look.sort])) {
    const { pinned, folder } = session;
    const key = pinned ? PINNED : folder ? FOLDER + folder : OTHERS;
    const group = groups.get(key);
    if (group) group.push(session);
    else groups.set(key, [session]);
  }
  const rank = (key: string) => (key === PINNED ? 0 : key === OTHERS ? 2 : 1);
  const keys = [...groups.keys()].sort(
    (a, b) => rank(a) - rank(b) || a.localeCompare(b),
  );
  const single = keys.length <= 1 && (keys[0] ?? OTHERS) === OTHERS;
  return keys.flatMap((key) => {
    const inside = groups.get(key) ?? [];
    const rows = inside.map((session): Line => ({ kind: "session", session }));
    if (single) return rows;
    const folded = look.folded.has(key);
    const title =
      key === PINNED ? "Pinned" : key === OTHERS ? "No folder" : inside[0]?.folder;
    const group: GroupLine = {
      kind: "group",
      key,
      title: title ?? "",
      count: inside.length,
      folded,
    };
    return folded ? [group] : [group, ...rows];
  });
}

/** The lines of those that can be restored, at the end of the list. */
export function deletedLines(deleted: readonly DeletedEntry[], look: Look): Line[] {
  if (!deleted.length || look.tags.length) return [];
  const folded = look.folded.has(DELETED);
  const group: GroupLine = {
    kind: "group",
    key: DELETED,
    title: "Recently deleted",
    count: deleted.length,
    folded,
  };
  const rows = deleted.map((entry): Line => ({ kind: "deleted", entry }));
  return folded ? [group] : [group, ...rows];
}

/** The tags that there are, the most frequent first. */
export function tagsOf(sessions: readonly SessionEntry[]): string[] {
  const counts = new Map<string, number>();
  for (const { tags } of sessions)
    for (const tag of tags) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  return [...counts.keys()].sort(
    (a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0) || a.localeCompare(b),
  );
}

export const foldersOf = (sessions: readonly SessionEntry[]): string[] =>
  [...new Set(sessions.map(({ folder }) => folder))].filter(Boolean).sort();

/** When something was, as short as it can be said; both in seconds since the epoch. */
export function whenOf(seconds: number, now: number): string {
  const [then, today] = [new Date(seconds * 1000), new Date(now * 1000)];
  if (then.toDateString() === today.toDateString())
    return then.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const year = then.getFullYear() === today.getFullYear() ? undefined : "numeric";
  return then.toLocaleDateString([], { day: "numeric", month: "short", year });
}

/** What is typed as tags: between commas, each once. */
export const tagsIn = (text: string): string[] => [
  ...new Set(
    text
      .split(",")
      .map((tag) => tag.trim())
      .filter(Boolean),
  ),
];
