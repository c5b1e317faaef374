import { describe, expect, it } from "vitest";
import { type ChatModel, initial, isBusy, reduce } from "../../src/chat/reducer";
import { NO_LIMITS } from "../../src/chat/uploads";
import type { ChatSnapshot, TurnData } from "../../src/protocol";
import { fact, group, model, session, type Told, turn } from "../wire";

const NO_TABS = { tabs: [], current: "" };
type Fact = Parameters<typeof reduce>[1];
const hearing = (...facts: Told<Fact>[]): ChatModel =>
  facts.reduce((now, each) => reduce(now, fact<Fact>(each)), initial);
const snapshot = (turns: TurnData[], more: Partial<ChatSnapshot> = {}): Told<Fact> => [
  "snapshot",
  {
    seq: 1,
    session: session(),
    tabs: NO_TABS,
    turns,
    earlier: 0,
    draft: "",
    attached: { attachments: [] },
    limits: NO_LIMITS,
    ...more,
  },
];
const told = (t: TurnData): Told<Fact> => ["turn", t];
const ids = ({ turns }: ChatModel) => turns.map(({ id }) => id);

describe("turns", () => {
  it("are put in order, and in the place of their earlier selves", () => {
    const now = hearing(
      snapshot([turn(1), turn(3)]),
      told(turn(2)),
      told(turn(-1)),
      told(turn(4)),
      told(turn(3, { text: "new" })),
    );
    expect(ids(now)).toEqual([1, 2, 3, 4, -1]);
    expect(now.turns[2]?.text).toBe("new");
  });

  it("that were not fetched yet are not put before those that were", () => {
    expect(ids(hearing(snapshot([turn(5)], { earlier: 4 }), told(turn(2))))).toEqual([
      5,
    ]);
  });

  it("join deltas, text and thinking apart, while they are open", () => {
    const now = hearing(
      snapshot([turn(1), turn(2, { state: "waiting", text: "", notice: "n" })]),
      ["delta", { turn: 2, kind: "thinking", text: "hm" }],
      ["delta", { turn: 2, kind: "text", text: "a" }],
      ["delta", { turn: 2, kind: "text", text: "b" }],
      ["delta", { turn: 1, kind: "text", text: "late" }],
      ["delta", { turn: 9, kind: "text", text: "stray" }],
    );
    expect(now.turns[1]).toMatchObject({
      state: "streaming",
      text: "ab",
      thinking: "hm",
      notice: "",
    });
    expect(now.turns[0]?.text).toBe("a1");
  });

  it("keep their text when they settle, and take no more of it", () => {
    const now = hearing(
      snapshot([turn(1, { state: "streaming", text: "part" })]),
      ["stop", { late: false }],
      ["settled", { turn: 1, state: "stopped", footer: "f", cut: true }],
      ["delta", { turn: 1, kind: "text", text: "more" }],
    );
    expect(now.turns[0]).toMatchObject({ state: "stopped", text: "part", footer: "f" });
    expect(now.stop).toBe("no");
  });

  it("go when they are removed", () => {
    expect(
      ids(
        hearing(snapshot([turn(1), turn(2), turn(3)]), ["removed", { turns: [2, 3] }]),
      ),
    ).toEqual([1]);
  });

  it("that came before join those that are there, once", () => {
    const asked = hearing(snapshot([turn(5)], { earlier: 4 }), ["fetch"]);
    expect(asked.fetching).toBe(true);
    const page = { before: 5, turns: [turn(3), turn(4)] };
    const joined = reduce(asked, { event: "earlier", data: page });
    expect(ids(joined)).toEqual([3, 4, 5]);
    expect(joined).toMatchObject({ earlier: 2, fetching: false });
    // Asked for before a first turn that is no longer the first.
    expect(ids(reduce(joined, { event: "earlier", data: page }))).toEqual([3, 4, 5]);
  });

  it("that came before are those of the end where the page has none on disk", () => {
    const lost = hearing(snapshot([turn(5), turn(-1)], { earlier: 4 }), [
      "removed",
      { turns: [5] },
    ]);
    const page = { before: Number.MAX_SAFE_INTEGER, turns: [turn(3), turn(4)] };
    expect(ids(reduce(lost, { event: "earlier", data: page }))).toEqual([3, 4, -1]);
  });

  it("before which nothing is found are the first", () => {
    const now = hearing(snapshot([turn(5)], { earlier: 4 }), [
      "earlier",
      { before: 5, turns: [] },
    ]);
    expect(now.earlier).toBe(0);
  });
});

describe("a snapshot", () => {
  it("keeps what was fetched of the same session where it joins on", () => {
    const now = hearing(
      snapshot([turn(3), turn(4)], { earlier: 2 }),
      ["earlier", { before: 3, turns: [turn(1), turn(2)] }],
      snapshot([turn(3), turn(4), turn(5)], { earlier: 2 }),
    );
    expect(ids(now)).toEqual([1, 2, 3, 4, 5]);
    expect(now.earlier).toBe(0);
  });

  it("drops what was fetched if a turn among it was put back", () => {
    const now = hearing(
      snapshot([turn(4), turn(5)], { earlier: 3 }),
      ["earlier", { before: 4, turns: [turn(2), turn(3)] }],
      ["removed", { turns: [2] }],
      snapshot([turn(4), turn(5)], { earlier: 3 }),
    );
    expect(ids(now)).toEqual([4, 5]);
    expect(now.earlier).toBe(3);
  });

  it("of another session takes the place of everything", () => {
    const other = { session: session({ name: "other" }), draft: "d" };
    const now = hearing(snapshot([turn(1), turn(2)]), snapshot([turn(2)], other));
    expect(ids(now)).toEqual([2]);
    expect(now).toMatchObject({ draft: "d", drafts: 2, problem: null });
  });

  it("of the same session leaves the composer alone", () => {
    expect(hearing(snapshot([]), snapshot([turn(1)], { draft: "d" })).drafts).toBe(1);
  });
});

describe("a question", () => {
  it("is pending until its turn is there", () => {
    const asked = hearing(snapshot([]), ["asked", { text: "q", turn: null }]);
    expect(isBusy(asked)).toBe(true);
    const begun = reduce(asked, {
      event: "turn",
      data: turn(1, { state: "waiting" }),
    });
    expect(begun.pending).toBeNull();
    expect(isBusy(begun)).toBe(true);
  });

  it("that is refused comes back to the composer, with why", () => {
    const error = { code: "no-model", message: "No model." };
    const asked = { text: "q", turn: null };
    const now = hearing(
      snapshot([]),
      ["asked", asked],
      ["refused", { error, pending: asked }],
    );
    expect(now).toMatchObject({ pending: null, problem: error, draft: "q", drafts: 2 });
    expect(reduce(now, { event: "dismiss" }).problem).toBeNull();
  });

  it("that is asked again and refused does not", () => {
    const error = { code: "usage", message: "Busy." };
    const asked = { text: null, turn: 1 };
    const now = hearing(
      snapshot([turn(1)]),
      ["asked", asked],
      ["refused", { error, pending: asked }],
    );
    expect(now).toMatchObject({ problem: error, drafts: 1 });
  });

  it("is over alone, whatever has been asked since", () => {
    const error = { code: "no-model", message: "No model." };
    const first = { text: "q", turn: null };
    const second = { text: "q", turn: null };
    const elsewhere = snapshot([], { session: session({ name: "other" }) });
    const now = hearing(snapshot([]), ["asked", first], elsewhere, snapshot([]), [
      "asked",
      second,
    ]);
    expect(reduce(now, { event: "begun", data: first }).pending).toBe(second);
    const refused = { error, pending: first };
    expect(reduce(now, { event: "refused", data: refused })).toMatchObject({
      pending: second,
      problem: error,
      draft: "q",
    });
    expect(reduce(now, { event: "begun", data: second }).pending).toBeNull();
  });
});

it("keeps Stop as it was asked for, and late only while it is waited for", () => {
  const open = snapshot([turn(1, { state: "streaming" })]);
  expect(hearing(open, ["stop", { late: false }]).stop).toBe("asked");
  expect(hearing(open, ["stop", { late: false }], ["stop", { late: true }]).stop).toBe(
    "late",
  );
  expect(hearing(open, ["stop", { late: true }]).stop).toBe("no");
  expect(hearing(snapshot([turn(1)]), ["stop", { late: false }]).stop).toBe("no");
});

it("takes models as they come, each provider in its place", () => {
  const now = hearing(
    ["groups", { groups: [group({ listing: true })] }],
    ["models", group({ models: [model("a/m")] })],
    ["models", group({ provider: "b", title: "B" })],
  );
  expect(now.groups.map(({ provider }) => provider)).toEqual(["a", "b"]);
  expect(now.groups[0]?.models).toEqual([model("a/m")]);
});

it("leaves everything alone for what it does not know", () => {
  const now = hearing(snapshot([turn(1)]));
  expect(reduce(now, { event: "sparkle", data: {} } as never)).toBe(now);
});

it("never changes the state it was given", () => {
  const deep = Object.freeze({ ...initial, turns: Object.freeze([turn(1)]) });
  for (const event of ["turn", "delta", "settled", "removed", "earlier", "asked"]) {
    const data = { turn: 1, id: 1, turns: [], state: "done", kind: "text", text: "x" };
    expect(() => reduce(deep, { event, data } as never)).not.toThrow();
  }
});

describe("a conversation that locks", () => {
  const encrypted = { encrypted: true };
  const locked = session({ ...encrypted, locked: "The vault is locked." });
  const full = hearing(
    snapshot([turn(1), turn(2)], {
      session: session({ ...encrypted, options: { system: "secret" } }),
      draft: "draft",
    }),
    ["asked", { text: "asked", turn: null }],
    ["failed", { error: { code: "x", message: "no" }, again: () => {} }],
  );

  it("leaves nothing of what it held, nor of what was typed", () => {
    const now = reduce(full, fact<Fact>(snapshot([], { session: locked })));
    expect(now).toMatchObject({
      turns: [],
      earlier: 0,
      pending: null,
      problem: null,
      again: null,
      draft: "",
      prompt: null,
    });
    expect(now.session.options).toEqual({});
  });

  it("is whole again with the next snapshot, and takes no draft", () => {
    const back = snapshot([turn(1), turn(2)], { session: session(encrypted) });
    const now = [
      fact<Fact>(snapshot([], { session: locked })),
      fact<Fact>(back),
    ].reduce(reduce, full);
    expect(ids(now)).toEqual([1, 2]);
    expect(now.draft).toBe("");
  });
});

describe("a comparison", () => {
  const other = turn(1, { model: "first" });
  const asking = { text: null, turn: 1, beside: other };
  const asked: Told<Fact> = ["asked", asking];
  const second = turn(4, { state: "waiting", text: "", alternatives: [1, 4] });

  it("begins with the turn that was asked for it, and outlives what it streams", () => {
    const now = hearing(
      snapshot([turn(1), turn(2)]),
      asked,
      ["removed", { turns: [1, 2] }],
      told(second),
      ["delta", { turn: 4, kind: "text", text: "a" }],
      ["settled", { turn: 4, state: "done", footer: "f", cut: false }],
    );
    expect(now.beside).toEqual({ turn: 4, other });
    expect(ids(now)).toEqual([4]);
  });

  it("is over if the question is refused, or its turn goes away", () => {
    const error = { code: "", message: "No." };
    const refused = { error, pending: asking };
    expect(hearing(snapshot([turn(1)]), asked, ["refused", refused]).beside).toBeNull();
    const gone: Told<Fact> = ["removed", { turns: [4] }];
    expect(hearing(snapshot([turn(1)]), asked, told(second), gone).beside).toBeNull();
  });

  it("is none with a turn that was replaced, for it had no answer", () => {
    const again = told(turn(1, { state: "waiting", text: "" }));
    expect(hearing(snapshot([turn(1)]), asked, again).beside).toBeNull();
  });

  it("is over once another alternative is shown, a session, or a locked one", () => {
    const begun = [snapshot([turn(1)]), asked, told(second)];
    expect(hearing(...begun, snapshot([turn(1)])).beside).toBeNull();
    const elsewhere = { session: session({ name: "other" }) };
    expect(hearing(...begun, snapshot([second], elsewhere)).beside).toBeNull();
    const locked = { session: session({ locked: "why" }) };
    expect(hearing(...begun, snapshot([second], locked)).beside).toBeNull();
    expect(hearing(...begun, snapshot([second])).beside).toEqual({ turn: 4, other });
    expect(hearing(...begun, ["apart"]).beside).toBeNull();
  });
});

describe("an answer that can go on", () => {
  it("says so when it settles", () => {
    const now = hearing(snapshot([turn(1, { state: "streaming" })]), [
      "settled",
      { turn: 1, state: "stopped", footer: "f", cut: true },
    ]);
    expect(now.turns[0]?.cut).toBe(true);
  });

  it("keeps its text while it does, and grows", () => {
    const now = hearing(
      snapshot([turn(1, { text: "Half", cut: true })]),
      told(turn(1, { text: "Half", state: "waiting", created: 5 })),
      ["delta", { turn: 1, kind: "text", text: " and half." }],
    );
    expect(now.turns[0]).toMatchObject({ text: "Half and half.", state: "streaming" });
  });
});
