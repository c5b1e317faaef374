// What the user can do in a chat, as requests to the kernel.
import type { Signal } from "@preact/signals-core";
import { shown } from "../bridge";
import type {
  ChatOptions,
  Failure,
  MentionData,
  MentionOffer,
  PromptChoices,
  PromptValues,
  SentData,
} from "../protocol";
import { stopping } from "../stopping";
import { bytes } from "../ui/amounts";
import { type ComposerActions, composerActions } from "./composer-actions";
import type { ChatLink } from "./link";
import type { Filled } from "./prompt-values";
import { type ChatAct, type ChatModel, isBusy, type Pending, reduce } from "./reducer";
import { type SessionActions, sessionActions } from "./session-actions";
import { shownName } from "./session-lines";
import { type TransferActions, transferActions } from "./transfer-actions";
import { type TurnActions, turnActions } from "./turn-actions";

/** Characters a question may have, and bytes of the message that brings it: the page's
 * connection breaks off above 10 MB. */
const LONGEST = 4_000_000;

/** Characters of a draft that is kept for a page loaded again. */
const LONGEST_DRAFT = 200_000;

export interface Actions
  extends TurnActions,
    SessionActions,
    ComposerActions,
    TransferActions {
  /** Asks; with `prompt` the chosen prompt asks, with these values. */
  send(text: string, attachments?: readonly string[], prompt?: PromptValues): void;
  /** The prompts of the library that a query finds. */
  prompts(query: string): Promise<PromptChoices>;
  filled: Filled;
  /** Chooses the prompt that asks next; "" is none. */
  choosePrompt(name: string): void;
  /** Names of the notebook that may follow an `@`. */
  names(typed: string): Promise<MentionOffer[]>;
  /** What a text mentions, as it would be sent. */
  mentions(text: string, signal: AbortSignal): Promise<MentionData[]>;
  stop(): void;
  models(refresh?: boolean): void;
  setModel(model: string): void;
  setOptions(options: ChatOptions): void;
  inputs(): Promise<string[]>;
  /** Saves what stands in the composer of a tab; "" is the one that is shown. */
  draft(tab: string, text: string): void;
  /** What would be sent for a question. */
  preview(draft: Draft, signal: AbortSignal): Promise<SentData>;
  dismiss(): void;
}

/** A question that is not asked yet. */
export interface Draft {
  text: string;
  attachments: readonly string[];
  prompt?: PromptValues | undefined;
}

/** Why a question cannot be sent; null if it can. */
export function tooLong(text: string): string | null {
  if (text.length < LONGEST / 6) return null;
  const size = new Blob([JSON.stringify(text)]).size;
  if (size <= LONGEST) return null;
  return `This is ${bytes(size)}; a question may have ${bytes(LONGEST)}.`;
}

const askedWith = ({ text, attachments, prompt }: Draft) => ({
  text,
  ...(attachments.length && { attachments: [...attachments] }),
  ...(prompt && { prompt }),
});

export function actions(link: ChatLink, chat: Signal<ChatModel>): Actions {
  const take = (act: ChatAct) => {
    chat.value = reduce(chat.value, act);
  };

  const isShown = (tab: string) => !tab || tab === chat.value.tabs.current;
  /** Shows why something failed, in a toast if its tab is not shown any more. */
  const failed = (thrown: Error, tab = "", again?: () => void) => {
    const error = shown(thrown);
    if (isShown(tab)) {
      take({ event: "failed", data: { error, ...(again && { again }) } });
      return;
    }
    const left = chat.value.tabs.tabs.find(({ id }) => id === tab);
    const words = left ? `“${shownName(left)}”: ${error.message}` : error.message;
    turns.toaster.say([words, error.hint].filter(Boolean).join(" "), "error");
  };
  /** Whether the request succeeded; an error is shown. */
  const done = (ask: () => Promise<unknown>): Promise<boolean> => {
    const tab = chat.value.tabs.current;
    return ask()
      .then(() => true)
      .catch((error) => {
        failed(error, tab, () => {
          take({ event: "dismiss" });
          void done(ask);
        });
        return false;
      });
  };
  const question = (ask: (tab: string) => Promise<unknown>, pending: Pending) => {
    if (isBusy(chat.value)) return;
    const tab = chat.value.tabs.current;
    take({ event: "asked", data: pending });
    ask(tab)
      .then(() => take({ event: "begun", data: pending }))
      .catch((thrown) => {
        const error = shown(thrown);
        if (isShown(tab)) take({ event: "refused", data: { error, pending } });
        else refusedElsewhere(error, pending, tab);
      });
  };
  /** Says why a question was refused whose tab is not shown, and where its text is. */
  const refusedElsewhere = ({ message }: Failure, pending: Pending, tab: string) => {
    const { text, turn } = pending;
    const left = chat.value.tabs.tabs.find(({ id }) => id === tab);
    // The kernel puts a new question back into the composer of its tab.
    const waits = left && !left.locked && turn === null;
    const { toaster } = turns;
    if (waits) toaster.say(`${message} The question waits in its tab.`, "error");
    else if (!text || left?.locked) toaster.say(message, "error");
    else {
      const say = () => toaster.say(message, "error", { label: "Copy it", onClick });
      const onClick = async () => {
        // Where copying is not allowed, it is offered again.
        await Promise.resolve(navigator.clipboard?.writeText(text)).catch(say);
      };
      say();
    }
  };

  const draft = (tab: string, text: string) => {
    const kept = text.length <= LONGEST_DRAFT ? text : "";
    link.request("draft", { tab, text: kept }).catch(() => {});
  };
  const turns = turnActions(link, chat, { take, done, question, failed });
  const shownSession = () => {
    const { name, locked } = chat.value.session;
    return { name, locked: locked !== "" };
  };

  const sessions = sessionActions(link, {
    done,
    toaster: turns.toaster,
    shown: shownSession,
  });

  return {
    ...turns,
    ...sessions,
    ...composerActions(link),
    ...transferActions(link, {
      done,
      toaster: turns.toaster,
      shown: () => chat.value.session.name,
      open: sessions.open,
    }),
    send: (text, attachments = [], prompt) =>
      question(
        (tab) =>
          link.request("send", { tab, ...askedWith({ text, attachments, prompt }) }),
        { text: text || (prompt ? (chat.value.prompt?.name ?? "") : ""), turn: null },
      ),
    prompts: async (query) => (await link.request("prompts", { query })).result,
    filled: new Map(),
    choosePrompt: (name) => void done(() => link.request("choose_prompt", { name })),
    names: async (typed) => (await link.request("names", { typed })).result.offers,
    mentions: async (text, signal) =>
      (await link.request("mentions", { text }, { signal })).result.mentions,
    stop() {
      if (!isBusy(chat.value) || chat.value.stop === "asked") return;
      stopping(
        () => link.request("stop"),
        (late) => take({ event: "stop", data: { late } }),
      );
    },
    models(refresh = false) {
      link
        .request("models", { refresh })
        .then(({ result }) => take({ event: "groups", data: result }))
        .catch(failed);
    },
    setModel: (name) => void done(() => link.request("set_model", { name })),
    setOptions: (options) => void done(() => link.request("set_options", { options })),
    inputs: async () => (await link.request("inputs")).result.inputs,
    draft,
    preview: async (draft, signal) =>
      (await link.request("preview", askedWith(draft), { signal })).result,
    dismiss: () => take({ event: "dismiss" }),
  };
}
