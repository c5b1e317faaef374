// What the user can do with conversations, as requests to the kernel.
import type { FoundSessions, SessionEntry, SessionsData } from "../protocol";
import type { Toaster } from "../ui/Toasts";
import type { ChatLink } from "./link";
import { DELETED, shownName } from "./session-lines";

export interface SessionActions {
  sessions(): Promise<SessionsData>;
  searchSessions(query: string, signal: AbortSignal): Promise<FoundSessions>;
  newSession(): void;
  /** Opens a conversation in a tab; says whether it did. */
  open(name: string, turn?: number): Promise<boolean>;
  showTab(id: string): void;
  closeTab(id: string): void;
  /** Renames the conversation that is shown. */
  rename(name: string): Promise<boolean>;
  encrypt(): void;
  decrypt(): void;
  /** Deletes the conversation that is shown; a toast undoes it. */
  removeSession(): void;
  /** Says that a conversation is deleted; its toast undoes it. */
  deleted(name: string): void;
  /** Changes any conversation; an error is thrown. */
  change: {
    rename(name: string, to: string): Promise<unknown>;
    file(name: string, folder: string): Promise<unknown>;
    tag(name: string, tags: string[]): Promise<unknown>;
    pin(name: string, pinned: boolean): Promise<unknown>;
    duplicate(name: string): Promise<unknown>;
    encrypt(name: string): Promise<unknown>;
    decrypt(name: string): Promise<unknown>;
    remove(session: SessionEntry, now: boolean, undone: () => void): Promise<unknown>;
    restore(name: string): Promise<unknown>;
  };
  /** Each saves what a composer holds and has not saved yet. */
  unsaved: Set<() => void>;
  /** The folded groups of the list. */
  folded: Set<string>;
}

interface Means {
  /** Whether the request succeeded; an error is shown. */
  done: (ask: () => Promise<unknown>) => Promise<boolean>;
  toaster: Toaster;
  /** The name of the conversation that is shown, and whether it is locked. */
  shown: () => { name: string; locked: boolean };
}

export function sessionActions(
  link: ChatLink,
  { done, toaster, shown }: Means,
): SessionActions {
  const unsaved = new Set<() => void>();
  const leave = (ask: () => Promise<unknown>) => {
    for (const save of unsaved) save();
    return done(ask);
  };
  const undo = (name: string, title: string, undone: () => void) =>
    toaster.say(`“${title}” is deleted.`, "info", {
      label: "Undo",
      onClick: () =>
        void done(async () => {
          const { result } = await link.request("restore_session", { name });
          await link.request("open", { name: result.name });
          undone();
        }),
    });
  return {
    unsaved,
    folded: new Set([DELETED]),
    sessions: async () => (await link.request("sessions")).result,
    searchSessions: async (query, signal) =>
      (await link.request("search_sessions", { query }, { signal })).result,
    newSession: () => void leave(() => link.request("new")),
    open: (name, turn) =>
      leave(() => link.request("open", { name, ...(turn !== undefined && { turn }) })),
    showTab: (id) => void leave(() => link.request("show_tab", { id })),
    closeTab: (id) => void leave(() => link.request("close_tab", { id })),
    rename: (name) => done(() => link.request("rename", { name })),
    encrypt: () => void done(() => link.request("encrypt")),
    decrypt: () => void done(() => link.request("decrypt")),
    removeSession() {
      const { name, locked } = shown();
      void done(async () => {
        await link.request("remove");
        undo(name, shownName({ name, locked }), () => {});
      });
    },
    deleted: (name) => undo(name, shownName({ name }), () => {}),
    change: {
      rename: (name, to) => link.request("rename_session", { name, new: to }),
      file: (name, folder) => link.request("file_session", { name, folder }),
      tag: (name, tags) => link.request("tag_session", { name, tags }),
      pin: (name, pinned) => link.request("pin_session", { name, pinned }),
      duplicate: (name) => link.request("duplicate_session", { name }),
      encrypt: (name) => link.request("encrypt_session", { name }),
      decrypt: (name) => link.request("decrypt_session", { name }),
      async remove({ name, locked }, now, undone) {
        await link.request("forget_session", { name, now });
        const title = shownName({ name, locked });
        if (now) toaster.say(`“${title}” is deleted for good.`);
        else undo(name, title, undone);
      },
      restore: (name) => link.request("restore_session", { name }),
    },
  };
}
