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

/** How an error's hint offers names: what stands before them, and they. */
const OFFERS = [
  /(Did you mean) (.+?)\?/,
  /(Near it:) (.+)\.\s*$/,
  /(It has) (.+), \.\.\./,
] as const;

export interface Offered {
  words: string;
  names: string[];
}

/** The names that an error offers: "Did you mean a or b?"; null if it offers none. */
export function offered({ hint }: Pick<Failure, "hint">): Offered | null {
  for (const pattern of OFFERS) {
    const [, words = "", list = ""] = pattern.exec(hint ?? "") ?? [];
    const names = list
      .split(/, or |, | or /)
      .map((name) => plain(name).trim())
      .filter((name) => /^[\w./:-]+$/.test(name));
    if (names.length) return { words, names };
  }
  return null;
}

/** What may be done without TLS, if an error's hint says that it may. */
export const withoutTls = ({ hint }: Pick<Failure, "hint">) =>
  /\b(pull|push) --insecure/.exec(hint ?? "")?.[1] as "pull" | "push" | undefined;

/** The name of a model without its registry, namespace and tag. */
export const stem = (name: string) => name.replace(/^.*\//, "").replace(/:.*$/, "");

/** Whether a server only has to be started. */
export const isDown = ({ failure }: Pick<ListState, "failure">) =>
  failure?.code === "unreachable";

/** Whether a name has a namespace of its own, as a push to a registry needs. */
export const hasNamespace = (name: string) => name.includes("/");
