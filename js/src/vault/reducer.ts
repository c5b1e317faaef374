// What the view of the vault shows, as a function of the kernel's events.
import type { Reach } from "../connection";
import type { Failure, SecretData, VaultFact, VaultStateData } from "../protocol";

export interface VaultModel {
  /** The first snapshot has come. */
  ready: boolean;
  /** Whether the kernel gets this page's messages; null while it is not known. */
  heard: boolean | null;
  /** The page has lost its kernel, and with it an unlocked vault. */
  lost: boolean;
  state: VaultStateData["state"];
  /** How often it was locked: what was opened before is closed. */
  locks: number;
  /** When it locks by itself, in milliseconds since 1970; null for never. */
  until: number | null;
  /** When the next password may be tried, likewise; 0 for now. */
  waitUntil: number;
  whyLocked: string;
  warning: string;
  place: string;
  network: boolean;
  /** Why the vault cannot be read. */
  problem: Failure | null;
  entries: readonly SecretData[];
  /** The names under which keys of models are looked for. */
  keyNames: readonly string[];
  /** The names of secrets whose mark is being changed. */
  marking: readonly string[];
  /** The user knows what a mark means. */
  warned: boolean;
}

export const initial: VaultModel = {
  ready: false,
  heard: null,
  lost: false,
  state: "locked",
  locks: 0,
  until: null,
  waitUntil: 0,
  whyLocked: "",
  warning: "",
  place: "",
  network: false,
  problem: null,
  entries: [],
  keyNames: [],
  marking: [],
  warned: false,
};

/** What the user does, and the kernel's responses. */
export type VaultAct =
  | { event: "wait"; data: { seconds: number } }
  | { event: "marking"; data: { name: string; on: boolean } }
  | { event: "warned"; data: object }
  | { event: "lost"; data: { lost: boolean } };

/** The state after the kernel told of it; a vault that is not unlocked shows nothing. */
function stood(now: VaultModel, data: VaultStateData, clock: number): VaultModel {
  const { state, left, wait, why_locked, warning, place, network, problem } = data;
  const open = state === "unlocked";
  return {
    ...now,
    state,
    locks: now.locks + (now.state === "unlocked" && !open ? 1 : 0),
    until: open && left != null ? clock + 1000 * left : null,
    waitUntil: wait > 0 ? clock + 1000 * wait : 0,
    whyLocked: why_locked,
    warning,
    place,
    network,
    problem: problem ?? null,
    entries: open ? now.entries : [],
    marking: open ? now.marking : [],
  };
}

/** `clock` is the page's, in milliseconds since 1970. */
export function reduce(
  now: VaultModel,
  fact: VaultFact | Reach | VaultAct,
  clock: number,
): VaultModel {
  switch (fact.event) {
    case "snapshot": {
      const stands = stood({ ...now, ready: true }, fact.data, clock);
      const { state, entries, key_names: keyNames } = fact.data;
      return { ...stands, keyNames, entries: state === "unlocked" ? entries : [] };
    }
    case "vault":
      return stood(now, fact.data, clock);
    case "entries":
      // While it is being unlocked they come before the state does.
      return { ...now, entries: fact.data.entries };
    case "reach":
      return { ...now, heard: fact.data.heard };
    case "wait":
      return { ...now, waitUntil: clock + 1000 * fact.data.seconds };
    case "marking": {
      const { name, on } = fact.data;
      const others = now.marking.filter((each) => each !== name);
      return { ...now, marking: on ? [...others, name] : others };
    }
    case "warned":
      return { ...now, warned: true };
    case "lost":
      return { ...now, lost: fact.data.lost };
    default:
      return now;
  }
}
