import { expect, test } from "vitest";
import type { ProviderData } from "../../src/protocol";
import {
  initial,
  type ProvidersModel,
  parts,
  reduce,
} from "../../src/providers/reducer";
import { provider as anyProvider, fact, setting, type Told } from "../wire";

type Fact = Parameters<typeof reduce>[1];

const provider = (name: string, more: Partial<ProviderData> = {}) =>
  anyProvider(name, {
    settings: [setting(`providers.${name}.base_url`, { default: null, value: null })],
    ...more,
  });

const after = (...facts: Told<Fact>[]): ProvidersModel =>
  facts.reduce((now, each) => reduce(now, fact<Fact>(each), 1000), initial);

const snapshot = (...providers: ProviderData[]): Told<Fact> => [
  "snapshot",
  { seq: 0, now: 1500, providers, keys_belong: "There.", locked: false },
];

const error = { code: "usage", message: "No." };

test("a snapshot is all there is, and tells how clocks differ", () => {
  const now = after(snapshot(provider("a"), provider("b")));
  expect(now.providers.map(({ name }) => name)).toEqual(["a", "b"]);
  expect(now).toMatchObject({ ready: true, ahead: 500, keysBelong: "There." });
});

test("what changed takes the place of what was, and what is new comes last", () => {
  const changed = [provider("b", { enabled: false }), provider("c")];
  const now = after(snapshot(provider("a"), provider("b")), [
    "providers",
    { now: 1000, changed, locked: true, problem: error },
  ]);
  expect(now.providers.map(({ name, enabled }) => [name, enabled])).toEqual([
    ["a", true],
    ["b", false],
    ["c", true],
  ]);
  expect(now).toMatchObject({ ahead: 0, problem: error });
});

test("what the kernel has taken is shown at once", () => {
  const now = after(
    snapshot(provider("a"), provider("a.b")),
    ["kept", { key: "providers.a.b.enabled", value: false }],
    ["kept", { key: "providers.a.base_url", value: "http://x" }],
  );
  expect(now.providers.map(({ enabled }) => enabled)).toEqual([true, false]);
  expect(now.providers.map(({ settings }) => settings[0]?.value)).toEqual([
    "http://x",
    null,
  ]);
});

test("a refusal stands at its field, without the field's name, until it is mended", () => {
  const key = "providers.a.base_url";
  const message = `${key}: an address ends with its path.`;
  const refused: Told<Fact> = ["refused", { key, error: { ...error, message } }];
  const now = after(snapshot(provider("a")), refused);
  expect(now.errors[key]?.message).toBe("An address ends with its path.");
  const other = after(["refused", { key, error: { ...error, message: `${key} is.` } }]);
  expect(other.errors[key]?.message).toBe("This is.");
  expect(after(refused, ["kept", { key }]).errors).toEqual({});
  const elsewhere = after(refused, ["kept", { key: "providers.b.base_url" }]);
  expect(Object.keys(elsewhere.errors)).toEqual([key]);
});

test("a test is under way until it is answered", () => {
  const asking = after(snapshot(), ["asking", { names: ["a", "b"] }]);
  expect(asking.asking).toEqual(["a", "b"]);
  const half = reduce(
    asking,
    { event: "asked", data: { names: ["a"], seconds: 2 } },
    0,
  );
  expect(half).toMatchObject({ asking: ["b"], took: { a: 2 } });
  const failed = reduce(half, { event: "unasked", data: { names: ["b"], error } }, 0);
  expect(failed).toMatchObject({ asking: [], took: { a: 2 }, unasked: error });
  const again = reduce(failed, { event: "asking", data: { names: ["a"] } }, 0);
  expect(again).toMatchObject({ asking: ["a"], took: {}, unasked: null });
});

test("what a test said is not said of other settings", () => {
  const asked: Told<Fact> = ["asked", { names: ["a", "b"], seconds: 1 }];
  const now = after(asked, ["kept", { key: "providers.a.base_url", value: "x" }]);
  expect(now.took).toEqual({ b: 1 });
  // Leaving a field as it was changes nothing.
  expect(after(asked, ["kept", { key: "providers.a.base_url" }]).took).toEqual({
    a: 1,
    b: 1,
  });
});

test("a provider's name may hold dots", () => {
  expect(parts("providers.a.b.enabled")).toEqual(["a.b", "enabled"]);
  expect(parts("chat.temperature")).toEqual(["", ""]);
});

test("facts of other views change nothing", () => {
  const now = after(snapshot(provider("a")));
  expect(reduce(now, { event: "delta", data: {} } as never, 0)).toBe(now);
  expect(reduce(now, { event: "reach", data: { heard: false } }, 0).heard).toBe(false);
});
