import { describe, expect, it } from "vitest";
import { initial, reduce, type VaultModel } from "../../src/vault/reducer";
import { secret, vaultState } from "../wire";

type Told = Parameters<typeof reduce>[1];

const NOW = 1_800_000_000_000;

const following = (...facts: Told[]): VaultModel =>
  facts.reduce((now, fact) => reduce(now, fact, NOW), initial);

const unlocked = vaultState({ state: "unlocked", left: 840 });
const snapshot: Told = {
  event: "snapshot",
  data: { ...unlocked, seq: 0, entries: [secret("A")], key_names: ["K"] },
};

describe("the vault", () => {
  it("is not known before its first snapshot", () => {
    expect(initial.ready).toBe(false);
    expect(following(snapshot).ready).toBe(true);
    expect(following(snapshot).keyNames).toEqual(["K"]);
  });

  it("locks at a time of the page's own clock", () => {
    expect(following(snapshot).until).toBe(NOW + 840_000);
    const never = vaultState({ state: "unlocked", left: null });
    expect(following(snapshot, { event: "vault", data: never }).until).toBeNull();
  });

  it("shows nothing of what was in it once it is locked", () => {
    const now = following(
      snapshot,
      { event: "marking", data: { name: "A", on: true } },
      { event: "vault", data: vaultState({ why_locked: "It has locked itself." }) },
    );
    expect(now.entries).toEqual([]);
    expect(now.marking).toEqual([]);
    expect(now.until).toBeNull();
    expect(now.whyLocked).toBe("It has locked itself.");
  });

  it("shows no secrets that come with a snapshot of a locked one", () => {
    const data = { ...vaultState(), seq: 0, entries: [secret("A")], key_names: ["K"] };
    expect(following({ event: "snapshot", data }).entries).toEqual([]);
  });

  it("keeps the secrets that come before the word that it is unlocked", () => {
    const now = following(
      {
        event: "snapshot",
        data: { ...vaultState(), seq: 0, entries: [], key_names: ["K"] },
      },
      { event: "entries", data: { entries: [secret("A"), secret("B")] } },
      { event: "vault", data: unlocked },
    );
    expect(now.entries.map(({ name }) => name)).toEqual(["A", "B"]);
  });

  it("counts its locks, by which what was opened before is closed", () => {
    const lock = { event: "vault", data: vaultState() } as const;
    expect(following(snapshot).locks).toBe(0);
    expect(following(snapshot, lock).locks).toBe(1);
    expect(following(snapshot, lock, lock).locks).toBe(1);
    expect(
      following(snapshot, lock, { event: "vault", data: unlocked }, lock).locks,
    ).toBe(2);
    const data = { ...vaultState(), seq: 9, entries: [], key_names: ["K"] };
    expect(following(snapshot, { event: "snapshot", data }).locks).toBe(1);
  });

  it("waits as long as the kernel says, in its state or in a refusal", () => {
    const told = following({ event: "vault", data: vaultState({ wait: 2 }) });
    expect(told.waitUntil).toBe(NOW + 2000);
    const refused = following({ event: "wait", data: { seconds: 7.5 } });
    expect(refused.waitUntil).toBe(NOW + 7500);
    expect(following({ event: "vault", data: vaultState() }).waitUntil).toBe(0);
  });

  it("knows which marks are being changed", () => {
    const on = { event: "marking", data: { name: "A", on: true } } as const;
    const off = { event: "marking", data: { name: "A", on: false } } as const;
    expect(following(snapshot, on, on).marking).toEqual(["A"]);
    expect(following(snapshot, on, on, off).marking).toEqual([]);
  });
});
