// What the user can do in a chat, as requests to the kernel.
import type { Signal } from "@preact/signals-core";
import type { Link } from "../connection";
import type { Fact } from "../event-order";
import type { ChatOptions, Failure, SessionEntry, TurnData } from "../protocol";
import { stopping } from "../stopping";
import { bytes } from "../ui/amounts";
import { type ChatModel, isBusy, reduce } from "./reducer";

/** Characters a question may have, and bytes of the message that brings it: the page's
 * connection breaks off above 10 MB. */
const LONGEST = 4_000_000;

/** Characters of a draft that is kept for a page loaded again. */
const LONGEST_DRAFT = 200_000;

export interface Actions {
  send(text: string): void;
  stop(): void;
  retry(turn: number): void;
  edit(turn: number, text: string): void;
  remove(turn: number): void;
  /** All of a turn, of which the page may have the beginning only. */
  read(turn: number): Promise<{ question: string; text: string }>;
  earlier(): void;
  models(refresh?: boolean): void;
  setModel(model: string): void;
  setOptions(options: ChatOptions): void;
  sessions(): Promise<SessionEntry[]>;
  newSession(): void;
  open(name: string): void;
  rename(name: string): Promise<boolean>;
  encrypt(): void;
  decrypt(): void;
  removeSession(): void;
  inputs(): Promise<string[]>;
  draft(text: string): void;
  dismiss(): void;
}

/** Why a question cannot be sent; null where it can. */
export function tooLong(text: string): string | null {
  if (text.length < LONGEST / 6) return null;
  const size = new Blob([JSON.stringify(text)]).size;
  if (size <= LONGEST) return null;
  return `This is ${bytes(size)}; a question may have ${bytes(LONGEST)}.`;
}

export function actions(link: Link, chat: Signal<ChatModel>): Actions {
  const take = (fact: Fact) => {
    chat.value = reduce(chat.value, fact);
  };

  const failed = (event: "failed" | "refused") => (error: Failure) =>
    take({ event, data: { error: shown(error) } });
  /** Asks, and shows what comes of it where that is an error. */
  const ask = (method: string, params: Record<string, unknown> = {}) =>
    link
      .request(method, params)
      .then(() => true)
      .catch((error) => {
        failed("failed")(error);
        return false;
      });
  const question = (
    method: string,
    params: Record<string, unknown>,
    text: string | null,
    turn: number | null,
  ) => {
    if (isBusy(chat.value)) return;
    take({ event: "asked", data: { text, turn } });
    link
      .request(method, params)
      .then(() => take({ event: "begun", data: {} }))
      .catch(failed("refused"));
  };

  return {
    send: (text) => question("send", { text }, text, null),
    retry: (turn) => question("retry", { turn }, null, turn),
    edit: (turn, text) => question("edit", { turn, text }, text, turn),
    stop: stopping(link, () => isBusy(chat.value) && chat.value.stop !== "asked", take),
    remove: (turn) => void ask("delete", { turn }),
    async read(turn) {
      const { result } = await link.request("read", { turn });
      return { question: String(result.question), text: String(result.text) };
    },
    earlier() {
      const before = chat.value.turns[0]?.id;
      if (before === undefined || chat.value.fetching || !chat.value.earlier) return;
      take({ event: "fetch", data: {} });
      link
        .request("earlier", { before })
        .then(({ result }) =>
          take({
            event: "earlier",
            data: { before, turns: result.turns as TurnData[] },
          }),
        )
        .catch((error) => {
          take({ event: "earlier", data: { before: null, turns: [] } });
          failed("failed")(error);
        });
    },
    models(refresh = false) {
      link
        .request("models", { refresh })
        .then(({ result }) => take({ event: "groups", data: result }))
        .catch(failed("failed"));
    },
    setModel: (name) => void ask("set_model", { name }),
    setOptions: (options) => void ask("set_options", { options }),
    async sessions() {
      const { result } = await link.request("sessions");
      return result.sessions as SessionEntry[];
    },
    newSession: () => void ask("new"),
    open: (name) => void ask("open", { name }),
    rename: (name) => ask("rename", { name }),
    encrypt: () => void ask("encrypt"),
    decrypt: () => void ask("decrypt"),
    removeSession: () => void ask("remove"),
    async inputs() {
      const { result } = await link.request("inputs");
      return result.inputs as string[];
    },
    draft(text) {
      const kept = text.length <= LONGEST_DRAFT ? text : "";
      link.request("draft", { text: kept }).catch(() => {});
    },
    dismiss: () => take({ event: "dismiss", data: {} }),
  };
}

/** An answer that never came has no words of the kernel's. */
function shown(error: Failure): Failure {
  const { code = "", message, hint } = error;
  return {
    code,
    message: message || "The kernel does not answer.",
    hint: hint ?? (message ? null : "It may be busy, or gone: look at its status."),
  };
}
