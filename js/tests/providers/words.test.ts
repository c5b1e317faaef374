import { expect, test } from "vitest";
import type { ProviderData } from "../../src/protocol";
import {
  ago,
  askable,
  plain,
  rankOf,
  sourced,
  standing,
} from "../../src/providers/words";
import { lack, provider, setting } from "../wire";

const acme = provider("acme");
const down = { code: "unreachable", message: "Acme: no connection to here." };

test.each<[Partial<ProviderData>, string, string]>([
  [{}, "unknown", "Not asked yet"],
  [{ listed: 1, models: 1 }, "good", "1 model"],
  [{ listed: 1, models: 2018 }, "good", "2,018 models"],
  [{ listed: 1, models: 0 }, "good", "0 models"],
  [{ failure: down }, "bad", "No connection to here"],
  [{ failure: down, models: 3, listed: 1 }, "bad", "3 models, stale"],
  [{ failure: down, local: true }, "want", "Not running"],
  [{ failure: down, local: true, models: 3 }, "bad", "3 models, stale"],
  [{ lacks: [lack("no key"), lack("no address")] }, "want", "No key"],
  [{ enabled: false, lacks: [lack("no key")] }, "off", "Off"],
])("%j is %s: %s", (more, tone, words) => {
  expect(standing({ ...acme, ...more }, false)).toEqual({ tone, words });
});

test("who is asked says so, unless it is off", () => {
  expect(standing(acme, true).tone).toBe("busy");
  expect(standing({ ...acme, enabled: false }, true).tone).toBe("off");
});

test("only who is on and lacks nothing is asked", () => {
  expect(askable(acme)).toBe(true);
  expect(askable({ ...acme, enabled: false })).toBe(false);
  expect(askable({ ...acme, lacks: [lack("no key")] })).toBe(false);
});

test.each([
  [-5, "just now"],
  [59, "just now"],
  [60, "1 minute ago"],
  [7199, "1 hour ago"],
  [7200, "2 hours ago"],
  [200_000, "2 days ago"],
])("%d seconds are %s", (seconds, words) => {
  expect(ago(seconds)).toBe(words);
});

test("what is ready comes first, then what is nearest to it, what is off last", () => {
  const key = { missing_key: "ACME_API_KEY", lacks: [lack("no key")] };
  const inOrder: Partial<ProviderData>[] = [
    { listed: 1, models: 3 },
    {},
    { failure: down },
    key,
    { ...key, lacks: [lack("not installed"), lack("no key")] },
    { failure: down, local: true },
    { ...key, enabled: false },
  ];
  const ranks = inOrder.map((more) => rankOf({ ...acme, ...more }));
  expect(ranks).toEqual([...new Set(ranks)].sort((a, b) => a - b));
});

test("an address says where it is set", () => {
  const settings = [setting("providers.acme.base_url")];
  expect(sourced({ ...acme, settings })).toBe("the default");
  expect(sourced({ ...acme, source: "setting" })).toBe("set here");
  expect(sourced({ ...acme, source: "ACME_URL" })).toBe("from ACME_URL");
  expect(sourced(acme)).toBe("");
});

test("marks of code are not drawn", () => {
  expect(plain("Run `ollama serve`.")).toBe("Run ollama serve.");
  expect(plain(null)).toBe("");
});
