// What the view of local models says, in a few words.
import type { Failure, ListState } from "../protocol";
import { ago, plain } from "../providers/words";

export { ago, plain };

/** "1 model", "3 models". */
export const models = (count: number) =>
  `${count.toLocaleString("en")} model${count === 1 ? "" : "s"}`;

/** An error as one line with its hint. */
export const line = ({ message, hint }: Pick<Failure, "message" | "hint">) =>
  [message, hint].map(plain).filter(Boolean).join(" ");

/** The names that an error offers: "Did you mean a or b?". */
export function offered({ hint }: Pick<Failure, "hint">): string[] {
  const [, names = ""] = /Did you mean (.+?)\?/.exec(hint ?? "") ?? [];
  return names
    .split(/, or |, | or /)
    .map((name) => plain(name).trim())
    .filter((name) => /^[\w./:-]+$/.test(name));
}

/** Whether a server only has to be started. */
export const isDown = ({ failure }: Pick<ListState, "failure">) =>
  failure?.code === "unreachable";

/** Whether a name has a namespace of its own, as a push to a registry needs. */
export const hasNamespace = (name: string) => name.includes("/");
