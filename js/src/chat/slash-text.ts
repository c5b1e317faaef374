// What a text that begins with a slash means: a command, a prompt, or just a text.
import type { SlashData } from "../protocol";
import { score } from "../ui/fuzzy";

/** A text that names a command or a prompt, or is about to. */
export type Slashed =
  /** The name is being typed; it may be that of a prompt, which may have spaces. */
  | { kind: "name"; query: string }
  /** After two slashes, the name of a prompt alone. */
  | { kind: "prompt"; query: string }
  | { kind: "argument"; command: SlashData; name: string; argument: string };

const NAME = /^\/([\w.?-]+)(?:\s+([\s\S]*))?$/;
/** A path has a second slash, and a question is longer than any name. */
const NAMING = /^\/([^/\\\n]{0,60})$/;
const PROMPT = /^\/\/([^/\\\n]{0,60})$/;

const named = (name: string, commands: readonly SlashData[]) => {
  const wanted = name.toLowerCase();
  return commands.find(
    (each) =>
      each.name === wanted ||
      each.aliases.includes(wanted) ||
      // As in PAR LLAMA: /tab.2.
      (each.name === "tab" && /^(tab|t)\.\d+$/.test(wanted)),
  );
};

export interface Typed {
  command: SlashData;
  /** The name as it was typed: an alias, perhaps. */
  name: string;
  argument: string;
}

/** The command that a text is; null if it is none, and thus sent as it is. */
export function commandOf(text: string, commands: readonly SlashData[]): Typed | null {
  const [, name = "", argument = ""] = NAME.exec(text) ?? [];
  const command = name && named(name, commands);
  return command ? { command, name, argument: argument.trim() } : null;
}

/** What is being typed; null if it is neither a command nor a prompt's name. */
export function slashed(text: string, commands: readonly SlashData[]): Slashed | null {
  const prompt = PROMPT.exec(text);
  if (prompt) return { kind: "prompt", query: prompt[1] ?? "" };
  const command = /\s/.test(text) ? commandOf(text, commands) : null;
  if (command) {
    // Not trimmed: a space at the end begins the next word.
    const argument = NAME.exec(text)?.[2] ?? "";
    return { kind: "argument", ...command, argument };
  }
  const naming = NAMING.exec(text);
  return naming ? { kind: "name", query: naming[1] ?? "" } : null;
}

/** The command with its arguments, as it is typed. */
export const usage = ({ name, arguments: more }: SlashData) =>
  more ? `/${name} ${more}` : `/${name}`;

/** Whether a command can be run without an argument. */
export const runsAlone = ({ arguments: more }: SlashData) =>
  more === "" || more.startsWith("[");

/** The commands that a beginning may mean; the likeliest first. */
export function commandsLike(
  query: string,
  commands: readonly SlashData[],
): { command: SlashData; sure: boolean }[] {
  const wanted = query.toLowerCase();
  const offered = commands.filter(({ group }) => group);
  if (!wanted) return offered.map((command) => ({ command, sure: true }));
  return offered
    .map((command) => {
      const names = [command.name, ...command.aliases];
      const begins = names.some((name) => name.startsWith(wanted));
      const points =
        (command.name.startsWith(wanted) ? 40 : begins ? 30 : 0) +
        Math.max(...names.map((name) => score(wanted, name)));
      return { command, sure: begins, points };
    })
    .filter(({ points }) => points > 0)
    .sort((a, b) => b.points - a.points);
}

/** Letters that may be wrong in a name, for it to be meant as a command's. */
const NEAR = 2;

/** How many letters have to be changed to make one word the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}

/**
 * The command that was hardly meant otherwise by a text that names none: `/renam x`. Null
 * for what may well be a question, such as `/usr/bin` or `/etc is full`.
 */
export function mistyped(text: string, commands: readonly SlashData[]): string | null {
  const [, name = ""] = /^\/([\w.-]{3,})(?=\s|$)/.exec(text) ?? [];
  if (!name || commandOf(text, commands)) return null;
  const wanted = name.toLowerCase();
  const near = commands
    .filter(({ group }) => group)
    .flatMap(({ name, aliases }) => [name, ...aliases])
    .filter((each) => each.length > NEAR)
    .map((each) => [distance(wanted, each), each] as const)
    .filter(([far]) => far <= (wanted.length < 6 ? 1 : NEAR))
    .sort(([a], [b]) => a - b);
  return near[0]?.[1] ?? null;
}
