// All that a chat view shows, as a function of what the kernel said and the user did.
import type { Fact } from "../event-order";
import type {
  ChatSnapshot,
  DefaultModel,
  Failure,
  ModelGroup,
  SessionData,
  TurnData,
  TurnDelta,
  TurnNotice,
  TurnProgress,
  TurnSettled,
  TurnsGone,
} from "../protocol";
import type { Stop } from "../stopping";

/** What was asked and has no turn yet; `turn` is the one in whose place, if any. */
export interface Pending {
  text: string | null;
  turn: number | null;
}

export interface ChatModel {
  /** The first snapshot has come. */
  ready: boolean;
  session: SessionData;
  turns: readonly TurnData[];
  /** How many turns come before these. */
  earlier: number;
  fetching: boolean;
  default: DefaultModel | null;
  groups: readonly ModelGroup[];
  pending: Pending | null;
  /** What was refused last, until it is dismissed. */
  problem: Failure | null;
  /** A text for the composer, from a page before this one or from what was refused. */
  draft: string;
  /** Counts the times that `draft` is to be put there. */
  drafts: number;
  /** Whether the kernel hears this page; null until it is known. */
  heard: boolean | null;
  /** Stop was asked for: `asked`, or `late` when nothing came of it for long. */
  stop: Stop;
}

export const initial: ChatModel = {
  ready: false,
  session: { name: "", options: {} },
  turns: [],
  earlier: 0,
  fetching: false,
  default: null,
  groups: [],
  pending: null,
  problem: null,
  draft: "",
  drafts: 0,
  heard: null,
  stop: "no",
};

export const isOpen = ({ state }: Pick<TurnData, "state">) =>
  state === "waiting" || state === "streaming";

/** Whether something is being answered, or will be in a moment. */
export const isBusy = ({ pending, session, turns }: ChatModel) =>
  pending !== null || session.answering === true || turns.some(isOpen);

/** What cannot be kept on disk has a number below 0, and comes last. */
const order = ({ id }: TurnData) => (id < 0 ? 1e15 - id : id);

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
  // One of those that were not fetched yet.
  if (after === 0 && now.earlier > 0) return now;
  const place = after < 0 ? now.turns.length : after;
  return { ...now, turns: now.turns.toSpliced(place, 0, turn) };
}

function snapshot(now: ChatModel, all: ChatSnapshot): ChatModel {
  const same = now.ready && now.session.name === all.session.name;
  const first = all.turns[0];
  const joint = first ? now.turns.findIndex(({ id }) => id === first.id) : -1;
  // What was fetched of earlier turns stays where it joins on.
  const kept = same && joint > 0 ? now.turns.slice(0, joint) : [];
  const open = all.turns.some(isOpen);
  const draft = same ? now.draft : (all.draft ?? "");
  return {
    ...now,
    ready: true,
    session: all.session,
    turns: [...kept, ...all.turns],
    earlier: Math.max(0, (all.earlier ?? 0) - kept.length),
    fetching: false,
    default: all.default ?? now.default,
    pending: same && !open ? now.pending : null,
    problem: same ? now.problem : null,
    draft,
    drafts: same ? now.drafts : now.drafts + 1,
    stop: open ? now.stop : "no",
  };
}

export function reduce(now: ChatModel, { event, data }: Fact): ChatModel {
  switch (event) {
    case "snapshot":
      return snapshot(now, data as unknown as ChatSnapshot);
    case "turn": {
      const turn = data as unknown as TurnData;
      const next = put(now, turn);
      return isOpen(turn) ? { ...next, pending: null } : { ...next, stop: "no" };
    }
    case "delta": {
      const { turn, kind, text } = data as unknown as TurnDelta;
      return change(now, turn, (old) =>
        // What comes after the end belongs to nothing that is shown.
        isOpen(old)
          ? {
              ...old,
              state: "streaming",
              notice: "",
              progress: null,
              [kind]: (old[kind] ?? "") + text,
            }
          : old,
      );
    }
    case "turn_notice": {
      const { turn, text } = data as unknown as TurnNotice;
      return change(now, turn, (old) => (isOpen(old) ? { ...old, notice: text } : old));
    }
    case "turn_progress": {
      const { turn, progress } = data as unknown as TurnProgress;
      return change(now, turn, (old) => (isOpen(old) ? { ...old, progress } : old));
    }
    case "settled": {
      const { turn, state, footer, error } = data as unknown as TurnSettled;
      const next = change(now, turn, (old) => ({
        ...old,
        state,
        footer: footer ?? "",
        error: error ?? null,
        notice: "",
        progress: null,
      }));
      return { ...next, stop: "no" };
    }
    case "removed": {
      const gone = new Set((data as unknown as TurnsGone).turns);
      return { ...now, turns: now.turns.filter(({ id }) => !gone.has(id)) };
    }
    case "session":
      return { ...now, session: data as unknown as SessionData };
    case "default":
      return { ...now, default: data as unknown as DefaultModel };
    case "models": {
      const group = data as unknown as ModelGroup;
      const at = now.groups.findIndex(({ provider }) => provider === group.provider);
      const groups =
        at < 0 ? [...now.groups, group] : (now.groups as ModelGroup[]).with(at, group);
      return { ...now, groups };
    }
    case "groups":
      return { ...now, groups: data.groups as ModelGroup[] };
    case "reach":
      return { ...now, heard: data.heard === true };
    default:
      return act(now, event, data);
  }
}

/** What the user does. */
function act(now: ChatModel, event: string, data: Fact["data"]): ChatModel {
  switch (event) {
    case "asked":
      return { ...now, pending: data as unknown as Pending, problem: null };
    case "begun":
      return { ...now, pending: null };
    case "refused": {
      const text = now.pending?.turn === null ? now.pending.text : null;
      const problem = data.error as Failure;
      const next = { ...now, pending: null, problem };
      return text === null ? next : { ...next, draft: text, drafts: now.drafts + 1 };
    }
    case "failed":
      return { ...now, problem: data.error as Failure };
    case "dismiss":
      return { ...now, problem: null };
    case "stop":
      // Late only while it is waited for: it may have been another's answer.
      if (!isBusy(now) || (data.late && now.stop !== "asked")) return now;
      return { ...now, stop: data.late ? "late" : "asked" };
    case "fetch":
      return { ...now, fetching: true };
    case "earlier": {
      const first = now.turns[0];
      const turns = data.turns as TurnData[];
      // They were asked for before the first turn there was then.
      if (!first || first.id !== data.before) return { ...now, fetching: false };
      const earlier = turns.length ? Math.max(0, now.earlier - turns.length) : 0;
      return { ...now, turns: [...turns, ...now.turns], earlier, fetching: false };
    }
    default:
      return now;
  }
}
