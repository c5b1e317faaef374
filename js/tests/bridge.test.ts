import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { bridge } from "../src/bridge";
import { StubModel, settle } from "./stub";

const nothing = () => {};

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("a request", () => {
  it("is answered by the response of its id", async () => {
    const model = new StubModel();
    const ask = bridge(model, nothing, nothing);
    const first = ask("left");
    const second = ask("left");
    const [one, two] = model.sent;
    expect(one?.request_id).toMatch(/^[0-9a-f]{32}$/);
    expect(one?.request_id).not.toBe(two?.request_id);
    model.hear({ type: "response", request_id: two?.request_id, result: { n: 2 } });
    model.hear({ type: "response", request_id: one?.request_id, result: { n: 1 } });
    expect((await first).result).toEqual({ n: 1 });
    expect((await second).result).toEqual({ n: 2 });
  });

  it("takes bytes along", () => {
    const model = new StubModel();
    const buffers = [new ArrayBuffer(3)];
    void bridge(model, nothing, nothing)("left", {}, { buffers });
    void bridge(model, nothing, nothing)("left");
    expect(model.buffers).toEqual([buffers, undefined]);
  });

  it("is settled once, whatever comes later", async () => {
    const model = new StubModel();
    const end = new AbortController();
    const asked = bridge(model, nothing, nothing)("left", {}, { signal: end.signal });
    model.answer("left", { n: 1 });
    model.answer("left", { n: 2 });
    end.abort();
    expect((await asked).result).toEqual({ n: 1 });
    expect(model.sent.map(({ type }) => type)).toEqual(["request"]);
  });

  it("fails with the kernel's error, its code and its hint", async () => {
    const model = new StubModel();
    const asked = bridge(model, nothing, nothing)("left");
    model.hear({
      type: "response",
      request_id: model.sent[0]?.request_id,
      error: { code: "usage", message: "No.", hint: "Ask again." },
    });
    await expect(asked).rejects.toMatchObject({
      code: "usage",
      message: "No.",
      hint: "Ask again.",
    });
  });

  it("is cancelled by its signal", async () => {
    const model = new StubModel();
    const end = new AbortController();
    const asked = bridge(model, nothing, nothing)(
      "asset",
      { name: "core" },
      { signal: end.signal },
    );
    end.abort();
    await expect(asked).rejects.toMatchObject({ name: "AbortError" });
    const [request, cancel] = model.sent;
    expect(cancel).toEqual({ type: "cancel", request_id: request?.request_id });
  });

  it("ends with the model, without a word to the kernel", async () => {
    const model = new StubModel();
    const life = new AbortController();
    const ask = bridge(model, nothing, nothing, life.signal);
    const asked = ask("asset", { name: "core" }, { repeat: true });
    life.abort();
    await expect(asked).rejects.toMatchObject({ name: "AbortError" });
    await expect(ask("left")).rejects.toMatchObject({ name: "AbortError" });
    vi.advanceTimersByTime(5000);
    expect(model.sent).toHaveLength(1);
    expect(model.listeners.size).toBe(0);
  });

  it("is repeated under its id until it is answered, later less often", async () => {
    const model = new StubModel();
    const asked = bridge(model, nothing, nothing)("hello", {}, { repeat: true });
    vi.advanceTimersByTime(10_000);
    expect(model.sent).toHaveLength(16);
    vi.advanceTimersByTime(10_000);
    expect(model.sent).toHaveLength(26);
    expect(new Set(model.sent.map(({ request_id }) => request_id)).size).toBe(1);
    model.answer("hello", {});
    await asked;
    vi.advanceTimersByTime(10_000);
    expect(model.sent).toHaveLength(26);
  });

  it("survives a model that cannot send", async () => {
    const model = new StubModel();
    model.send = () => {
      throw new Error("comm is closed");
    };
    const end = new AbortController();
    const asked = bridge(model, nothing, nothing)("left", {}, { signal: end.signal });
    end.abort();
    await expect(asked).rejects.toMatchObject({ name: "AbortError" });
  });
});

it("hands events over and ignores what it does not know", async () => {
  const model = new StubModel();
  const events: unknown[] = [];
  const heard = vi.fn();
  bridge(model, (event) => events.push(event), heard);
  model.hear({ type: "event", event: "delta", seq: 1, data: {} });
  model.hear({ type: "something" });
  expect(heard).not.toHaveBeenCalled();
  model.hear({ type: "response", request_id: "of nobody" });
  await settle();
  expect(events).toHaveLength(1);
  expect(heard).toHaveBeenCalledOnce();
});
