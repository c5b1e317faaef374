import { describe, expect, it } from "vitest";
import {
  concerned,
  differences,
  happened,
  listed,
  lockWords,
  secondsUntil,
  unexportable,
  withoutBreak,
} from "../../src/vault/words";
import { secret } from "../wire";

const MINUTE = 60_000;

describe("when it locks", () => {
  it.each([
    [null, "Unlocked until you lock it"],
    [-5, "Unlocked, locks in less than a minute"],
    [59_000, "Unlocked, locks in less than a minute"],
    [MINUTE, "Unlocked, locks in less than a minute"],
    [MINUTE + 1, "Unlocked, locks in 2 min"],
    [14 * MINUTE, "Unlocked, locks in 14 min"],
    [14 * MINUTE - 1, "Unlocked, locks in 14 min"],
    [60 * MINUTE, "Unlocked, locks in 1 h"],
    [125 * MINUTE, "Unlocked, locks in 2 h 5 min"],
    [480 * MINUTE - 1, "Unlocked, locks in 8 h"],
  ])("%s ms: %s", (left, words) => {
    expect(lockWords(left)).toBe(words);
  });

  it("changes its words once a minute, whatever the clock's steps", () => {
    const said = new Set<string>();
    for (let left = 15 * MINUTE; left > 0; left -= 137) said.add(lockWords(left));
    expect(said.size).toBe(15);
  });

  it("counts whole seconds down to none", () => {
    expect([0, 1, 999, 1000, 1001, 2500].map((at) => secondsUntil(2500, at))).toEqual([
      3, 3, 2, 2, 2, 0,
    ]);
    expect(secondsUntil(0, 5)).toBe(0);
  });
});

describe("what is said of a secret", () => {
  it("says why one cannot be in the environment", () => {
    expect(unexportable(secret("A"))).toBe("");
    expect(unexportable(secret("PATH", { exportable: false }))).toMatch(/programs run/);
    expect(unexportable(secret("my mail", { exportable: false }))).toMatch(/variable/);
  });

  it.each([
    ["key\n", "key", true],
    ["key\r\n", "key", true],
    ["key\r", "key", true],
    ["key\n\n", "key\n", true],
    ["a\nb", "a\nb", false],
    [" key ", " key ", false],
    ["", "", false],
  ])("%j without its last line break is %j", (text, rest, cut) => {
    expect(withoutBreak(text)).toEqual([rest, cut]);
  });

  it("names some, and counts the rest", () => {
    const names = Array.from({ length: 12 }, (_, at) => `N${at}`);
    expect(listed(names)).toBe("N0, N1, N2, N3, N4, N5, N6, N7, N8, N9 and 2 more");
    expect(listed(["A"])).toBe("A");
  });
});

describe("what is said of the log and of backups", () => {
  const entry = {
    seq: 1,
    at: "2026-11-28T08:30:00Z",
    event: "write",
    kernel: "k",
    names: ["A", "B"],
    count: 5,
    sealed: true,
  };

  it("puts events into words, and shows those it does not know", () => {
    expect(happened(entry)).toBe("Secrets changed");
    expect(happened({ ...entry, event: "from the future" })).toBe("from the future");
  });

  it("counts the secrets of an entry that have no name any more", () => {
    expect(concerned(entry)).toBe("A, B and 3 more");
    expect(concerned({ ...entry, names: [], count: 1 })).toBe("1 secret");
    expect(concerned({ ...entry, names: [], count: 0 })).toBe("");
  });

  it("says what a backup changes, and only what it holds if nothing is known", () => {
    const change = {
      added: ["A"],
      removed: [],
      changed: ["C"],
      same: 2,
      known: true,
      log: "",
      kept: "",
    };
    expect(differences(change)).toEqual([
      ["Added", "A"],
      ["Set to an older value", "C"],
      ["As they are", "2 secrets"],
    ]);
    expect(differences({ ...change, known: false })).toEqual([["It holds", "A"]]);
  });
});
