// The vault in words.
import type { AuditEntry, BackupData, DifferenceData, SecretData } from "../protocol";

const HOUR = 3600;
const MINUTE = 60;

/** "14 min", "2 h", "2 h 5 min": rounded up, so that it is never too late. */
function span(seconds: number): string {
  const minutes = Math.ceil(seconds / MINUTE);
  const hours = Math.floor((minutes * MINUTE) / HOUR);
  const rest = minutes - (hours * HOUR) / MINUTE;
  return [hours && `${hours} h`, (rest || !hours) && `${rest} min`]
    .filter(Boolean)
    .join(" ");
}

/** When an unlocked vault locks, by the milliseconds that are left; null for never. */
export function lockWords(left: number | null): string {
  if (left === null) return "Unlocked until you lock it";
  const seconds = left / 1000;
  return seconds <= MINUTE
    ? "Unlocked, locks in less than a minute"
    : `Unlocked, locks in ${span(seconds)}`;
}

/** The whole seconds until a time, both in milliseconds; 0 once it has come. */
export const secondsUntil = (time: number, now: number): number =>
  Math.max(0, Math.ceil((time - now) / 1000));

export const secrets = (count: number): string =>
  `${count.toLocaleString("en")} secret${count === 1 ? "" : "s"}`;

const moment = new Intl.DateTimeFormat("en", {
  dateStyle: "medium",
  timeStyle: "short",
  hourCycle: "h23",
});

/** A time in seconds since 1970, in the user's own time zone. */
export const when = (seconds: number): string => moment.format(1000 * seconds);

/** Why a secret cannot be put into the environment; "" if it can. */
export function unexportable({ name, exportable }: SecretData): string {
  if (exportable) return "";
  return /^[A-Za-z_]\w*$/.test(name)
    ? "It changes how programs run."
    : "Its name cannot be a variable's.";
}

const EVENTS: Readonly<Record<string, string>> = {
  create: "Created",
  unlock: "Unlocked",
  lock: "Locked",
  "auto-lock": "Locked by itself",
  close: "Locked when the kernel ended",
  "wrong password": "Wrong password",
  write: "Secrets changed",
  import: "Secrets imported",
  export: "Mark for the environment changed",
  password: "Password changed",
  rotate: "Encrypted by a new key",
  clear: "Emptied",
  restore: "Backup restored",
  pruned: "Oldest entries removed",
};

/** What an entry of the log says happened. */
export const happened = ({ event }: AuditEntry): string => EVENTS[event] ?? event;

/** The names that an entry is about; those that are gone are counted. */
export function concerned({ names, count }: AuditEntry): string {
  const more = count - names.length;
  if (!names.length) return count ? secrets(count) : "";
  return names.join(", ") + (more > 0 ? ` and ${more.toLocaleString("en")} more` : "");
}

const WHY: Readonly<Record<string, string>> = {
  backup: "made by you",
  clear: "before it was emptied",
  restore: "before a backup was restored",
};

export const backupWords = ({ made, why }: BackupData): string =>
  `${when(made)}, ${WHY[why] ?? `before “${why}”`}`;

/** Names in a sentence, at most; the rest is counted. */
const NAMED = 10;

export function listed(names: readonly string[]): string {
  const more = names.length - NAMED;
  const shown = names.slice(0, NAMED).join(", ");
  return more > 0 ? `${shown} and ${more.toLocaleString("en")} more` : shown;
}

/** What a backup changes, or would change: pairs of what happens and to what. */
export function differences(change: DifferenceData): [what: string, names: string][] {
  const { added, removed, changed, same, known } = change;
  if (!known) return [["It holds", added.length ? listed(added) : "nothing"]];
  const rows: [string, string][] = [
    ["Added", listed(added)],
    ["Removed", listed(removed)],
    ["Set to an older value", listed(changed)],
    ["As they are", same ? secrets(same) : ""],
  ];
  return rows.filter(([, names]) => names);
}

/** A pasted text without a line break at its end, and whether it had one. */
export function withoutBreak(text: string): [text: string, cut: boolean] {
  const rest = text.replace(/(\r\n|\r|\n)$/, "");
  return [rest, rest !== text];
}
