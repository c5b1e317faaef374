// What the user can do with the turns of a chat, as requests to the kernel.
import type { Signal } from "@preact/signals-core";
import type { FoundTurns, TurnData, TurnText } from "../protocol";
import { Toaster } from "../ui/Toasts";
import { Edits } from "./edits";
import type { ChatLink } from "./link";
import { type ChatAct, type ChatModel, type Pending, startOf } from "./reducer";

export interface TurnActions {
  /** Asks a turn's question again. */
  retry(turn: number): void;
  /** Asks it of a model, and shows both answers side by side. */
  askBeside(turn: TurnData, model: string, temperature?: number): void;
  /** Has an answer go on where it ended. */
  goOn(turn: number): void;
  edit(turn: number, text: string): void;
  /** Changes a text without asking; says whether it was changed. */
  amend(
    turn: number,
    text: { question: string } | { answer: string },
  ): Promise<boolean>;
  /** Shows a turn instead of its alternatives, once the page has it. */
  show(turn: number): Promise<boolean>;
  /** Shows the answer of an alternative beside that of a turn. */
  compare(turn: number, other: number): void;
  /** Ends a comparison by what it shows. */
  keep(turn: number): void;
  /** Deletes a turn. A toast undoes it: `back` is called, and the turn fetched. */
  remove(turn: number, back: () => void): void;
  /** All of a turn; the page may have only its beginning. */
  read(turn: number): Promise<TurnText>;
  earlier(): void;
  /** Fetches earlier turns until the page has this one; says whether it has. */
  reach(turn: number): Promise<boolean>;
  find(query: string, signal: AbortSignal): Promise<FoundTurns>;
  /** Says something for a while. */
  say(text: string): void;
  toaster: Toaster;
  /** What is being written in the tab that is shown, by turn and text. */
  edits: () => Map<string, string>;
}

interface Means {
  take: (act: ChatAct) => void;
  /** Whether the request succeeded; an error is shown. */
  done: (ask: () => Promise<unknown>) => Promise<boolean>;
  /** Asks something that begins a turn. */
  question: (ask: (tab: string) => Promise<unknown>, pending: Pending) => void;
  failed: (error: Error, tab: string) => void;
}

export function turnActions(
  link: ChatLink,
  chat: Signal<ChatModel>,
  { take, done, question, failed }: Means,
): TurnActions {
  const toaster = new Toaster();
  const edits = new Edits();
  let { tabs } = chat.value;
  chat.subscribe((now) => {
    if (now.tabs === tabs) return;
    tabs = now.tabs;
    edits.keep(tabs);
  });
  const again = (turn: number) => ({ text: null, turn });

  /** Fetches some of the earlier turns; says whether the kernel gave them. */
  const earlier = async (): Promise<boolean> => {
    const tab = chat.value.tabs.current;
    const before = startOf(chat.value.turns);
    if (chat.value.fetching || !chat.value.earlier) return false;
    take({ event: "fetch" });
    try {
      const { result } = await link.request("earlier", { before });
      take({ event: "earlier", data: { before, ...result } });
      return true;
    } catch (error) {
      take({ event: "earlier", data: { before: null, turns: [] } });
      failed(error as Error, tab);
      return false;
    }
  };
  const has = (turn: number) => chat.value.turns.some(({ id }) => id === turn);
  const reach = async (turn: number): Promise<boolean> => {
    while (!has(turn)) {
      const { earlier: before, fetching } = chat.value;
      if (!before) return false;
      // Another one who asks for them is waited for.
      if (fetching) await new Promise((done) => setTimeout(done, 30));
      else if (!(await earlier())) return false;
    }
    return true;
  };
  const show = async (turn: number) =>
    (await done(() => link.request("show", { turn }))) && reach(turn);

  return {
    toaster,
    edits: () => edits.of(chat.value.tabs.current),
    say: (text) => toaster.say(text),
    retry: (turn) =>
      question((tab) => link.request("retry", { tab, turn }), again(turn)),
    askBeside(turn, model, temperature) {
      const params = { turn: turn.id, model, temperature: temperature ?? null };
      const pending = { ...again(turn.id), beside: turn };
      question((tab) => link.request("retry", { tab, ...params }), pending);
    },
    goOn: (turn) =>
      question((tab) => link.request("continue", { tab, turn }), again(turn)),
    edit: (turn, text) =>
      question((tab) => link.request("edit", { tab, turn, text }), { text, turn }),
    amend: (turn, text) => done(() => link.request("amend", { turn, ...text })),
    show,
    compare(turn, other) {
      void done(async () => {
        const { result } = await link.request("turn", { turn: other });
        take({ event: "beside", data: { turn, other: result } });
      });
    },
    keep(turn) {
      if (has(turn)) take({ event: "apart" });
      else void show(turn).then((is) => is && take({ event: "apart" }));
    },
    remove(turn, back) {
      const { current } = chat.value.tabs;
      const undo = async () => {
        const is = await done(() => link.request("undelete"));
        if (!is || chat.value.tabs.current !== current) return;
        back();
        void reach(turn);
      };
      void done(async () => {
        const { result } = await link.request("delete", { turn });
        const action = result.undo ? { label: "Undo", onClick: undo } : undefined;
        toaster.say("Question and answer deleted. What follows stays.", "info", action);
      });
    },
    read: async (turn) => (await link.request("read", { turn })).result,
    earlier: () => void earlier(),
    reach,
    find: async (query, signal) =>
      (await link.request("find", { query }, { signal })).result,
  };
}
