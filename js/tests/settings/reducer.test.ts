import { describe, expect, it } from "vitest";
import { initial, isChanged, reduce, said, typed } from "../../src/settings/reducer";
import { group, model, setting, settingsGroup } from "../wire";

const number = (key: string) => setting(key, { kind: "number", default: 1, value: 1 });

const groups = [
  settingsGroup("a", [number("a.x"), number("a.y")]),
  settingsGroup("b", [setting("b.z", { optional: true })]),
];
const form = reduce(initial, {
  event: "snapshot",
  data: { seq: 0, groups, path: "settings.json" },
});
const error = { code: "usage", message: "No." };

describe("the form of the settings", () => {
  it("shows what was changed, here or elsewhere, and keeps the rest as it is", () => {
    const now = reduce(form, {
      event: "settings",
      data: { values: { "a.x": 2, "no.such": 3 } },
    });
    expect(now.groups[0]?.settings.map((each) => each.value)).toEqual([2, 1]);
    expect(now.groups[1]).toBe(form.groups[1]);
  });

  it("lists the models to choose from, each provider's as it answers", () => {
    const slow = group({ provider: "slow", title: "Slow", listing: true });
    const quick = group({ provider: "quick", title: "Quick" });
    const asked = reduce(form, { event: "groups", data: { groups: [slow, quick] } });
    const listed = { ...slow, listing: false, models: [model("slow/a")] };
    const now = reduce(asked, { event: "models", data: listed });
    expect(now.models).toEqual([listed, quick]);
  });

  it("takes a value that is not chosen for none at all", () => {
    const unset = setting("z");
    // The kernel leaves out what is null.
    expect(isChanged(unset)).toBe(false);
    expect(isChanged({ ...unset, value: null })).toBe(false);
    expect(isChanged({ ...unset, value: "x" })).toBe(true);
    expect(isChanged({ ...unset, kind: "switch", default: true, value: false })).toBe(
      true,
    );
    expect(isChanged({ ...unset, kind: "number", default: null, value: 0 })).toBe(true);
  });

  it("shows an error at the field it belongs to until that is mended", () => {
    const refused = reduce(form, { event: "refused", data: { key: "a.x", error } });
    expect(refused.errors).toEqual({ "a.x": error });
    const other = reduce(refused, { event: "kept", data: { key: "a.y", value: 5 } });
    expect(other.errors).toEqual({ "a.x": error });
    const mended = reduce(other, { event: "kept", data: { key: "a.x", value: 3 } });
    expect(mended.errors).toEqual({});
    expect(mended.groups[0]?.settings.map((each) => each.value)).toEqual([3, 5]);
  });

  it("forgives without a new value", () => {
    const refused = reduce(form, { event: "refused", data: { key: "a.x", error } });
    const forgiven = reduce(refused, { event: "kept", data: { key: "a.x" } });
    expect(forgiven.errors).toEqual({});
    expect(forgiven.groups).toBe(form.groups);
  });

  it("says what is wrong with the file, and no longer once it is right", () => {
    const damaged = reduce(form, {
      event: "settings",
      data: { values: {}, problem: error },
    });
    expect(damaged.problem).toEqual(error);
    const right = reduce(damaged, { event: "settings", data: { values: {} } });
    expect(right.problem).toBeNull();
  });
});

describe("what was typed", () => {
  it.each([
    ["number", " 0.5 ", 0.5],
    ["number", "0,5", 0.5],
    ["integer", "12", 12],
    ["number", "", null],
    ["text", "  ", null],
    ["text", "ollama/llama3.2:1b", "ollama/llama3.2:1b"],
    ["area", "Be\nbrief. ", "Be\nbrief. "],
    // The kernel says what is wrong with these.
    ["number", "warm", "warm"],
    ["number", "1e999", "1e999"],
    ["integer", "1.5", 1.5],
  ] as const)("%s %j is %j", (kind, text, value) => {
    expect(typed({ kind }, text)).toBe(value);
  });

  it("is what a field shows again", () => {
    expect([said(null), said(undefined), said(0), said(false), said("x")]).toEqual([
      "",
      "",
      "0",
      "false",
      "x",
    ]);
  });
});
