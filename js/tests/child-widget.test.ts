import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { child } from "../src/child-widget";
import type { Link } from "../src/connection";
import type { WidgetManager } from "../src/model";
import { settle } from "./stub";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const page = () => {
  const models = new Map<string, unknown>();
  const made = { el: document.createElement("p"), remove: vi.fn() };
  const widget_manager: WidgetManager = {
    get_model: async (id) => {
      if (!models.has(id)) throw new Error("widget model not found");
      return models.get(id);
    },
    create_view: vi.fn(async () => made),
  };
  const link = { model: { widget_manager } } as unknown as Link;
  return { models, made, link, el: document.createElement("div") };
};

it("shows the child's view until the signal ends it", async () => {
  const { models, made, link, el } = page();
  models.set("m1", {});
  const ending = new AbortController();
  await child(link, "m1", el, ending.signal);
  expect(el.firstChild).toBe(made.el);
  ending.abort();
  expect(made.remove).toHaveBeenCalledOnce();
});

it("waits for a model whose comm is still being opened", async () => {
  const { models, made, link, el } = page();
  const shown = child(link, "m1", el, new AbortController().signal);
  await vi.advanceTimersByTimeAsync(120);
  expect(el.firstChild).toBeNull();
  models.set("m1", {});
  await vi.advanceTimersByTimeAsync(60);
  await shown;
  expect(el.firstChild).toBe(made.el);
});

it("says so when the model never comes, or the page has no widgets", async () => {
  const { link, el } = page();
  const { signal } = new AbortController();
  const shown = expect(child(link, "m1", el, signal)).rejects.toThrow("not found");
  await vi.advanceTimersByTimeAsync(4000);
  await shown;
  const bare = { model: {} } as unknown as Link;
  await expect(child(bare, "m1", el, signal)).rejects.toThrow("inside another");
});

it("leaves nothing behind when it was ended meanwhile", async () => {
  const { models, made, link, el } = page();
  models.set("m1", {});
  const ending = new AbortController();
  const shown = child(link, "m1", el, ending.signal);
  ending.abort();
  await shown;
  await settle();
  expect(el.firstChild).toBeNull();
  expect(made.remove).toHaveBeenCalledOnce();
});
