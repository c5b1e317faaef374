import { signal } from "@preact/signals-core";
import { expect, it } from "vitest";
import { actions } from "../../src/chat/actions";
import type { ChatLink } from "../../src/chat/link";
import { type ChatModel, initial, reduce } from "../../src/chat/reducer";
import { NO_LIMITS } from "../../src/chat/uploads";
import { connect } from "../../src/connection";
import type { TurnData } from "../../src/protocol";
import { StubModel, settle } from "../stub";
import { session, turn } from "../wire";

const tab = (id: string, locked = false) => ({
  id,
  name: id,
  answering: false,
  encrypted: locked,
  locked,
});
const tabs = (current = "a", locked = false) => ({
  tabs: [tab("a"), tab("b", locked)],
  current,
});

/** A chat whose page has the last of `count` turns. */
async function chatOf(count: number) {
  const model = new StubModel();
  const link = connect(model, async () => {}) as unknown as ChatLink & {
    hello(signal: AbortSignal): Promise<void>;
  };
  const chat = signal<ChatModel>(initial);
  link.listen((fact) => {
    chat.value = reduce(chat.value, fact);
  });
  const all = Array.from({ length: count }, (_, index) => turn(index + 1));
  void link.hello(new AbortController().signal);
  model.answer("hello", {
    seq: 1,
    session: session(),
    tabs: tabs(),
    turns: all.slice(-1),
    earlier: count - 1,
    draft: "",
    attached: { attachments: [] },
    limits: NO_LIMITS,
  });
  await settle();
  const shown = () => chat.value.turns.map(({ id }) => id);
  /** Answers what is asked for, `size` turns at a time. */
  const give = async (size: number, from: TurnData[] = all) => {
    const before = Number(model.asked("earlier").at(-1)?.params?.before);
    const turns = from.filter(({ id }) => id < before).slice(-size);
    model.answer("earlier", { turns });
    await settle();
  };
  return { model, chat, all, can: actions(link, chat), shown, give };
}

it("fetches earlier turns until one is there", async () => {
  const { can, shown, give } = await chatOf(9);
  const reached = can.reach(5);
  await give(2);
  await give(2);
  expect(await reached).toBe(true);
  expect(shown()).toEqual([5, 6, 7, 8, 9]);
});

it("fetches the last of them where the page has lost all of its turns", async () => {
  const { model, can, shown, give, all } = await chatOf(9);
  model.tell("removed", 2, { turns: [9] });
  const left = all.slice(0, -1);
  can.earlier();
  await give(2, left);
  expect(shown()).toEqual([7, 8]);
  const reached = can.reach(6);
  await give(5, left);
  expect(await reached).toBe(true);
});

it("says so where a turn is not there or cannot be fetched", async () => {
  const { model, can, chat, give } = await chatOf(9);
  const failed = can.reach(4);
  model.refuse("earlier", 0, "The database is busy.");
  expect(await failed).toBe(false);
  expect(chat.value.problem?.message).toBe("The database is busy.");
  // It is no reason not to try again.
  const found = can.reach(8);
  await give(1);
  expect(await found).toBe(true);
  expect(chat.value.problem).not.toBeNull();
  const none = can.reach(99);
  await give(20);
  expect(await none).toBe(false);
});

it("keeps what is being written until its own tab locks or is closed", async () => {
  const { model, can } = await chatOf(1);
  const tell = (seq: number, ...given: Parameters<typeof tabs>) =>
    model.tell("tabs", seq, tabs(...given));
  can.edits().set("1 question", "of a");
  tell(2, "b");
  expect([...can.edits()]).toEqual([]);
  can.edits().set("1 question", "of b");
  tell(3, "b", true);
  expect([...can.edits()]).toEqual([]);
  tell(4, "a", true);
  expect(can.edits().get("1 question")).toBe("of a");
  model.tell("tabs", 5, { tabs: [tab("b")], current: "b" });
  tell(6, "a");
  expect([...can.edits()]).toEqual([]);
});
