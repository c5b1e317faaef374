import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { loading, pageModules } from "../src/assets";
import type { Link } from "../src/connection";
import type { Fact } from "../src/event-order";
import { widget } from "../src/loader";
import { StubModel, settle } from "./stub";

/** A bundle that writes down what it is told. */
const recorder = () => {
  const facts: Fact[] = [];
  const bundle = {
    attach: (link: Link) => {
      link.listen((fact) => facts.push(fact));
      return (el: HTMLElement) => {
        el.textContent = "the view";
      };
    },
  };
  return { bundle, facts };
};

const bytes = [new DataView(new ArrayBuffer(1))];
const open = (bundle: unknown = recorder().bundle, traits?: Record<string, string>) => {
  const importer = vi.fn(async (_bytes: unknown) => bundle);
  const model = new StubModel(traits);
  const life = new AbortController();
  const made = widget(loading(importer));
  made.initialize({ model, signal: life.signal });
  const show = () => {
    const el = document.createElement("div");
    const end = new AbortController();
    made.render({ model, el, signal: end.signal });
    return { el, end };
  };
  return { importer, model, life, show };
};

beforeEach(() => {
  vi.useFakeTimers();
  pageModules().clear();
  // Its answer would come at a time of its own.
  vi.stubGlobal("crypto", { getRandomValues: crypto.getRandomValues.bind(crypto) });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("asks nothing before a view is shown", () => {
  const { model, show } = open();
  expect(model.sent).toEqual([]);
  show();
  expect(model.sent.map(({ method }) => method)).toEqual(["hello", "asset"]);
});

it("repeats hello and asset until each is answered", async () => {
  const { model, show } = open();
  const { end } = show();
  vi.advanceTimersByTime(1000);
  expect(model.asked("hello")).toHaveLength(6);
  model.answer("hello", { seq: 0, state: "waiting", model: "m" });
  vi.advanceTimersByTime(1000);
  expect(model.asked("hello")).toHaveLength(6);
  expect(model.asked("asset")).toHaveLength(8);
  end.abort();
  const sent = model.sent.length;
  vi.advanceTimersByTime(5000);
  expect(model.sent).toHaveLength(sent);
});

it("shows the text itself where the kernel does not hear it", () => {
  const { model, show } = open();
  const { el } = show();
  model.tell("snapshot", 1, { seq: 1, state: "streaming", model: "m", text: "<b>a" });
  model.tell("delta", 2, { kind: "text", text: "\nb" });
  model.tell("delta", 3, { kind: "thinking", text: "hm" });
  expect(el.querySelector("b")).toBeNull();
  expect(el.firstElementChild?.textContent).toBe("<b>a\nb");
  expect(el.lastElementChild?.textContent).toBe("Interrupt the kernel to stop.");
  model.tell("settled", 4, { state: "done", footer: "m · 3 tokens" });
  expect(el.lastElementChild?.textContent).toBe("m · 3 tokens");
});

it("says what is going on before there is a text", () => {
  const { model, show } = open();
  const { el } = show();
  expect(el.textContent).toBe("Waiting for the kernel…");
  model.answer("hello", { seq: 0, state: "waiting", model: "m" });
  return settle().then(() => {
    expect(el.textContent).toBe("Waiting for m…");
    model.tell("progress", 1, { phase: "Loading the model" });
    expect(el.textContent).toBe("Loading the model…");
    model.tell("notice", 2, { text: "Busy" });
    expect(el.textContent).toBe("Busy…");
  });
});

it("hands everything over to the bundle", async () => {
  const { bundle, facts } = recorder();
  const { model, show } = open(bundle);
  const { el } = show();
  model.tell("snapshot", 1, { seq: 1, state: "streaming", model: "m", text: "a" });
  model.tell("delta", 2, { kind: "text", text: "b" });
  model.answer("asset", {}, bytes);
  await settle();
  expect(el.textContent).toBe("the view");
  model.tell("delta", 3, { kind: "text", text: "c" });
  expect(facts.map(({ event }) => event)).toEqual([
    "snapshot",
    "delta",
    "reach",
    "delta",
  ]);
  expect(facts[2]?.data).toEqual({ heard: true });
  model.answer("hello", { seq: 3, state: "streaming", model: "m", text: "abc" });
  await settle();
  expect(facts.at(-1)?.event).toBe("snapshot");
});

it("keeps nothing for those who listen after the bundle but the last", async () => {
  let link: Link | undefined;
  const attach = (given: Link) => {
    given.listen(() => {});
    link = given;
    return () => {};
  };
  const { model, show } = open({ attach });
  show();
  model.answer("hello", { seq: 1, state: "streaming", model: "m", text: "a" });
  model.answer("asset", {}, bytes);
  await settle();
  for (let seq = 2; seq < 100; seq++) model.tell("delta", seq, { kind: "text" });
  model.tell("settled", 100, { state: "done" });
  const late: string[] = [];
  link?.listen(({ event }) => late.push(event), new AbortController().signal);
  expect(late).toEqual(["settled", "reach"]);
});

it("tells the bundle that the kernel does not hear, until it does", async () => {
  const { bundle, facts } = recorder();
  pageModules().set("answer:h1", Promise.resolve(bundle));
  const { model, show } = open(bundle);
  show();
  await settle();
  model.tell("snapshot", 1, { seq: 1, state: "streaming", model: "m", text: "a" });
  model.answer("hello", { seq: 1, state: "streaming", model: "m", text: "a" });
  await settle();
  const reach = facts.filter(({ event }) => event === "reach");
  expect(reach.map(({ data }) => data)).toEqual([{ heard: false }, { heard: true }]);
});

it("asks for a snapshot on a gap, once", async () => {
  const { bundle, facts } = recorder();
  const { model, show } = open(bundle);
  show();
  model.answer("hello", { seq: 0, state: "waiting", model: "m" });
  model.answer("asset", {}, bytes);
  await settle();
  model.tell("delta", 2, { kind: "text", text: "b" });
  model.tell("delta", 3, { kind: "text", text: "c" });
  expect(model.asked("snapshot")).toHaveLength(1);
  model.answer("snapshot", { seq: 3, state: "streaming", model: "m", text: "abc" });
  await settle();
  expect(facts.at(-1)?.data).toMatchObject({ text: "abc" });
  model.tell("delta", 3, { kind: "text", text: "c" });
  expect(facts.at(-1)?.event).toBe("snapshot");
});

it("transfers a bundle once for all views of a page", async () => {
  const one = open();
  const two = open();
  const views = [one.show(), one.show(), two.show()];
  expect([...one.model.asked("asset"), ...two.model.asked("asset")]).toHaveLength(1);
  one.model.answer("asset", {}, bytes);
  await settle();
  expect(views.map(({ el }) => el.textContent)).toEqual(Array(3).fill("the view"));
  const later = open();
  const { el } = later.show();
  await settle();
  expect(el.textContent).toBe("the view");
  expect(later.model.asked("asset")).toHaveLength(0);
  expect(one.importer).toHaveBeenCalledOnce();
});

it("asks for all parts at once and imports them in order", async () => {
  const { bundle } = recorder();
  const { importer, model, show } = open(bundle, {
    view: "core kit answer",
    bundle: "h0 h1 h2",
  });
  const { el } = show();
  expect(model.asked("asset").map(({ params }) => params?.name)).toEqual([
    "core",
    "kit",
    "answer",
  ]);
  const sent = ["core", "kit", "answer"].map((part) => ({ part }));
  for (const at of [2, 1]) model.reply("asset", at, [sent[at]]);
  await settle();
  expect(importer).not.toHaveBeenCalled();
  model.reply("asset", 0, [sent[0]]);
  await settle();
  expect(importer.mock.calls.map(([bytes]) => bytes)).toEqual(sent);
  expect(el.textContent).toBe("the view");
  const other = open(bundle, { view: "core chat", bundle: "h0 h3" });
  other.show();
  expect(other.model.asked("asset").map(({ params }) => params?.name)).toEqual([
    "chat",
  ]);
});

it("imports a part once, however many transfers of it there were", async () => {
  const parts = { view: "core answer", bundle: "h0 h2" };
  const busy = open(undefined, parts);
  const free = open(undefined, parts);
  busy.show();
  const { el } = free.show();
  await vi.advanceTimersByTimeAsync(3100);
  for (const at of [0, 1]) free.model.reply("asset", at, bytes);
  await settle();
  expect(el.textContent).toBe("the view");
  for (const at of [0, 1]) busy.model.reply("asset", at, bytes);
  await settle();
  expect(free.importer).toHaveBeenCalledTimes(2);
  expect(busy.importer).not.toHaveBeenCalled();
});

it("says why when a part does not come, once", async () => {
  const { model, show } = open(undefined, { view: "core answer", bundle: "h0 h2" });
  const { el } = show();
  model.reply("asset", 1, bytes);
  model.refuse("asset", 0, "The front end was not built.");
  await settle();
  expect(el.textContent).toBe("The front end was not built.");
  expect(pageModules().size).toBe(0);
});

it("lets another view ask when the one that asked has gone", async () => {
  const one = open();
  const two = open();
  const gone = one.show();
  const { el } = two.show();
  gone.end.abort();
  await settle();
  expect(two.model.asked("asset")).toHaveLength(1);
  two.model.answer("asset", {}, bytes);
  await settle();
  expect(el.textContent).toBe("the view");
});

it("does not wait for long for another kernel's transfer", async () => {
  const busy = open();
  const free = open();
  const third = open();
  busy.show();
  const { el } = free.show();
  const other = third.show();
  await vi.advanceTimersByTimeAsync(3100);
  const asked = [...free.model.asked("asset"), ...third.model.asked("asset")];
  expect(new Set(asked.map(({ request_id }) => request_id)).size).toBe(1);
  free.model.answer("asset", {}, bytes);
  await settle();
  expect(el.textContent).toBe("the view");
  expect(other.el.textContent).toBe("the view");
});

it("forgets a transfer that failed, and says why", async () => {
  const { model, show } = open();
  const { el } = show();
  const [request] = model.asked("asset");
  model.hear({
    type: "response",
    request_id: request?.request_id,
    error: { code: "front_end", message: "The front end was not built." },
  });
  await settle();
  expect(el.textContent).toBe("The front end was not built.");
  expect(pageModules().size).toBe(0);
});

it("refuses bytes of another version", async () => {
  const digest = async () => new ArrayBuffer(32);
  vi.stubGlobal("crypto", {
    getRandomValues: crypto.getRandomValues,
    subtle: { digest },
  });
  const { importer, model, show } = open();
  const { el } = show();
  model.answer("asset", {}, bytes);
  await settle();
  expect(el.textContent).toContain("another version");
  expect(importer).not.toHaveBeenCalled();
});

it("shows a second view of a model with the same state", async () => {
  const attach = vi.fn(recorder().bundle.attach);
  const { model, show } = open({ attach });
  show();
  model.answer("asset", {}, bytes);
  await settle();
  show();
  await settle();
  expect(attach).toHaveBeenCalledOnce();
  expect(model.asked("hello")).toHaveLength(2);
});
