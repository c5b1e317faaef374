import { signal } from "@preact/signals-core";
import { expect, it } from "vitest";
import { actions } from "../../src/chat/actions";
import type { ChatLink } from "../../src/chat/link";
import { type ChatModel, initial } from "../../src/chat/reducer";

const tab = (id: string) => ({
  id,
  name: id,
  answering: false,
  encrypted: false,
  locked: false,
});

/** A chat with two tabs, and the question that the first of them has sent. */
function asked(text: string) {
  const chat = signal<ChatModel>({
    ...initial,
    ready: true,
    tabs: { tabs: [tab("a"), tab("b")], current: "a" },
  });
  let refuse: (error: Error) => void = () => {};
  let begin: () => void = () => {};
  const link = {
    request: () =>
      new Promise<void>((done, fail) => {
        begin = done;
        refuse = fail;
      }),
  } as unknown as ChatLink;
  const acts = actions(link, chat);
  acts.send(text);
  const show = (change: Partial<ChatModel["tabs"]>) => {
    chat.value = {
      ...chat.value,
      pending: null,
      tabs: { ...chat.value.tabs, ...change },
    };
  };
  const settled = async (end: () => void) => {
    end();
    await new Promise((done) => setTimeout(done));
  };
  return {
    chat,
    show,
    refused: () =>
      settled(() => refuse(Object.assign(new Error("No."), { code: "usage" }))),
    begun: () => settled(begin),
    said: () =>
      acts.toaster.shown.value.map(({ text, action }) => [text, action?.label]),
  };
}

it("gives a refused question back to its own tab, also if that is shown again", async () => {
  const { chat, show, refused, said } = asked("q");
  show({ current: "b" });
  show({ current: "a" });
  await refused();
  expect(chat.value).toMatchObject({ draft: "q", drafts: 1, pending: null });
  expect(chat.value.problem?.message).toBe("No.");
  expect(said()).toEqual([]);
});

it("says of a question that is refused in another tab where its text is", async () => {
  const { chat, show, refused, said } = asked("q");
  show({ current: "b" });
  await refused();
  expect(chat.value).toMatchObject({ draft: "", drafts: 0, problem: null });
  expect(said()).toEqual([["No. The question waits in its tab.", undefined]]);
});

it("offers the text of a question whose conversation is gone", async () => {
  const { chat, show, refused, said } = asked("q");
  show({ current: "b", tabs: [tab("b")] });
  await refused();
  expect(chat.value).toMatchObject({ draft: "", problem: null });
  expect(said()).toEqual([["No.", "Copy it"]]);
});

it("leaves what another tab asks alone when a question has begun", async () => {
  const { chat, show, begun } = asked("q");
  show({ current: "b" });
  const pending = { text: "other", turn: null };
  chat.value = { ...chat.value, pending };
  await begun();
  expect(chat.value.pending).toBe(pending);
});
