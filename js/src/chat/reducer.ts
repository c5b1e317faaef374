// All that a chat view shows, as a function of the kernel's events and the user's acts.
import type { Reach } from "../connection";
import {
  isOpen,
  reduceAnswer,
  type Stop,
  type StopAsked,
  stopAfter,
} from "../message/answer";
import type {
  AttachmentLimits,
  AttachmentsData,
  ChatFact,
  ChatSnapshot,
  ChatTabs,
  ChosenPrompt,
  DefaultModel,
  Failure,
  ModelGroup,
  ModelGroups,
  SessionData,
  TurnData,
} from "../protocol";
import { NO_LIMITS } from "./uploads";

/**
 * A question without a turn yet; `turn` is the one that it replaces, if any. Its answer
 * is shown `beside` that of another turn.
 */
export interface Pending {
  text: string | null;
  turn: number | null;
  beside?: TurnData;
}

/** Two answers side by side: that of a turn, null while it is asked, and another one. */
export interface Beside {
  turn: number | null;
  other: TurnData;
}

export interface ChatModel {
  /** The first snapshot has come. */
  ready: boolean;
  session: SessionData;
  /** The conversations that are open in tabs. */
  tabs: ChatTabs;
  turns: readonly TurnData[];
  /** How many turns come before these. */
  earlier: number;
  fetching: boolean;
  default: DefaultModel | null;
  groups: readonly ModelGroup[];
  pending: Pending | null;
  beside: Beside | null;
  /** The last error, until it is dismissed. */
  problem: Failure | null;
  /** Does again what failed so; null where the user has to. */
  again: (() => void) | null;
  /** A text for the composer, of an earlier page or of a refused question. */
  draft: string;
  /** Increases each time that the composer shall show `draft`. */
  drafts: number;
  /** It is a refused question, which goes before what was typed since. */
  refused: boolean;
  /** The prompt of the library that the next question is asked with. */
  prompt: ChosenPrompt | null;
  /** What is attached to it. */
  attached: AttachmentsData;
  limits: AttachmentLimits;
  /** Whether the kernel gets this page's messages; null while it is not known. */
  heard: boolean | null;
  stop: Stop;
}

export const initial: ChatModel = {
  ready: false,
  session: {
    name: "",
    option: "",
    provider: "",
    options: {},
    encrypted: false,
    locked: "",
    answering: false,
    turns: 0,
    left_out: "",
  },
  tabs: { tabs: [], current: "" },
  turns: [],
  earlier: 0,
  fetching: false,
  default: null,
  groups: [],
  pending: null,
  beside: null,
  problem: null,
  again: null,
  draft: "",
  drafts: 0,
  refused: false,
  prompt: null,
  attached: { attachments: [] },
  limits: NO_LIMITS,
  heard: null,
  stop: "no",
};

/** Whether a question is being answered or was just sent. */
export const isBusy = ({ pending, session, turns }: ChatModel) =>
  pending !== null || session.answering || turns.some(isOpen);

/** A turn that cannot be stored has an id below 0, and comes last. */
const order = ({ id }: TurnData) => (id < 0 ? 1e15 - id : id);

/** The turn that earlier ones are asked before; the page may have lost all that it had. */
export const startOf = (turns: readonly TurnData[]) =>
  turns.find(({ id }) => id > 0)?.id ?? Number.MAX_SAFE_INTEGER;

function change(
  now: ChatModel,
  id: number,
  with_: (turn: TurnData) => TurnData,
): ChatModel {
  // From the end: it is the last one nearly always.
  const at = now.turns.findLastIndex((turn) => turn.id === id);
  const turn = now.turns[at];
  if (!turn) return now;
  const changed = with_(turn);
  return changed === turn ? now : { ...now, turns: now.turns.with(at, changed) };
}

function put(now: ChatModel, turn: TurnData): ChatModel {
  const at = now.turns.findIndex(({ id }) => id === turn.id);
  if (at >= 0) return { ...now, turns: now.turns.with(at, turn) };
  const after = now.turns.findIndex((each) => order(each) > order(turn));
  // It is one of the turns that were not fetched yet.
  if (after === 0 && now.earlier > 0) return now;
  const place = after < 0 ? now.turns.length : after;
  return { ...now, turns: now.turns.toSpliced(place, 0, turn) };
}

/** A comparison, unless its turn is gone. */
const still = (beside: Beside | null, turns: readonly TurnData[]) =>
  beside?.turn == null || turns.some(({ id }) => id === beside.turn) ? beside : null;

/** A comparison, with the turn that has begun for it. */
const begun = (beside: Beside | null, turn: TurnData): Beside | null => {
  if (beside?.turn !== null || !isOpen(turn)) return beside;
  const { other } = beside;
  // A turn without an answer is not an alternative, but replaced.
  return turn.alternatives.includes(other.id) ? { turn: turn.id, other } : null;
};

/** Has the composer show a text. */
const drafted = (now: ChatModel, draft: string, refused: boolean): ChatModel => ({
  ...now,
  draft,
  drafts: now.drafts + 1,
  refused,
});

function snapshot(now: ChatModel, all: ChatSnapshot): ChatModel {
  const same = now.ready && now.session.name === all.session.name;
  const first = all.turns[0];
  const joint = first ? now.turns.findIndex(({ id }) => id === first.id) : -1;
  // Earlier turns that were fetched stay if the new ones follow them, and as many of
  // them as before: one may have been put back, or taken away.
  const asMany = all.earlier === now.earlier + joint;
  const kept = same && joint > 0 && asMany ? now.turns.slice(0, joint) : [];
  const turns = [...kept, ...all.turns];
  const open = all.turns.some(isOpen);
  const locked = all.session.locked !== "";
  // What was typed into a conversation goes when it locks, as all that it held.
  const draft = same && !locked ? now.draft : all.draft;
  return {
    ...now,
    ready: true,
    session: all.session,
    tabs: all.tabs,
    turns,
    earlier: Math.max(0, all.earlier - kept.length),
    fetching: false,
    default: all.default ?? now.default,
    pending: same && !open && !locked ? now.pending : null,
    beside: same && !locked ? still(now.beside, turns) : null,
    problem: same && !locked ? now.problem : null,
    again: same && !locked ? now.again : null,
    draft,
    prompt: all.prompt ?? null,
    attached: all.attached,
    limits: all.limits,
    drafts: same ? now.drafts : now.drafts + 1,
    refused: same && now.refused,
    stop: open ? now.stop : "no",
  };
}

/** What the user does, and the kernel's responses. */
export type ChatAct =
  | { event: "asked" | "begun"; data: Pending }
  | { event: "refused"; data: { error: Failure; pending: Pending } }
  | { event: "failed"; data: { error: Failure; again?: () => void } }
  | { event: "dismiss" }
  | { event: "fetch" }
  | { event: "earlier"; data: { before: number | null; turns: TurnData[] } }
  | { event: "groups"; data: ModelGroups }
  | { event: "beside"; data: Beside }
  | { event: "apart" }
  | StopAsked;

export function reduce(now: ChatModel, fact: ChatFact | Reach | ChatAct): ChatModel {
  switch (fact.event) {
    case "snapshot":
      return snapshot(now, fact.data);
    case "turn": {
      const next = {
        ...put(now, fact.data),
        beside: begun(now.beside, fact.data),
      };
      return isOpen(fact.data) ? { ...next, pending: null } : { ...next, stop: "no" };
    }
    case "delta":
    case "notice":
    case "progress":
      return change(now, fact.data.turn, (turn) => reduceAnswer(turn, fact));
    case "settled": {
      const { turn: id, cut } = fact.data;
      const next = change(now, id, (turn) => ({ ...reduceAnswer(turn, fact), cut }));
      return { ...next, stop: "no" };
    }
    case "removed": {
      const gone = new Set(fact.data.turns);
      const turns = now.turns.filter(({ id }) => !gone.has(id));
      return { ...now, turns, beside: still(now.beside, turns) };
    }
    case "session":
      return { ...now, session: fact.data };
    case "tabs":
      return { ...now, tabs: fact.data };
    case "prompt": {
      const { name, text } = fact.data;
      const next = { ...now, prompt: name ? fact.data : null };
      return text ? drafted(next, text, false) : next;
    }
    case "attachments":
      return { ...now, attached: fact.data };
    case "default":
      return { ...now, default: fact.data };
    case "models": {
      const group = fact.data;
      const at = now.groups.findIndex(({ provider }) => provider === group.provider);
      const groups = at < 0 ? [...now.groups, group] : now.groups.with(at, group);
      return { ...now, groups };
    }
    case "reach":
      return { ...now, heard: fact.data.heard };
    case "lock":
      return now;
    default:
      return act(now, fact);
  }
}

function act(now: ChatModel, act: ChatAct): ChatModel {
  switch (act.event) {
    case "groups":
      return { ...now, groups: act.data.groups };
    case "asked":
      return {
        ...now,
        pending: act.data,
        draft: "",
        beside: act.data.beside ? { turn: null, other: act.data.beside } : null,
        problem: null,
        again: null,
      };
    case "begun":
      return act.data === now.pending ? { ...now, pending: null } : now;
    case "refused": {
      // Its tab may have been left meanwhile, and be shown again.
      const { pending, error } = act.data;
      const text = pending.turn === null && !now.session.locked ? pending.text : null;
      // Something else may be asked by now.
      const over = pending === now.pending && { pending: null, beside: null };
      const next = { ...now, ...over, problem: error, again: null };
      return text === null ? next : drafted(next, text, true);
    }
    case "failed":
      return { ...now, problem: act.data.error, again: act.data.again ?? null };
    case "beside":
      return { ...now, beside: act.data };
    case "apart":
      return { ...now, beside: null };
    case "dismiss":
      return { ...now, problem: null, again: null };
    case "stop":
      return isBusy(now) ? { ...now, stop: stopAfter(now.stop, act.data) } : now;
    case "fetch":
      return { ...now, fetching: true };
    case "earlier": {
      const { turns, before } = act.data;
      // They were asked for before the first turn there was then.
      if (before !== startOf(now.turns)) return { ...now, fetching: false };
      const earlier = turns.length ? Math.max(0, now.earlier - turns.length) : 0;
      return { ...now, turns: [...turns, ...now.turns], earlier, fetching: false };
    }
    default:
      return now;
  }
}
