// All that a compare view shows, as a function of the kernel's events.
import type { Reach } from "../connection";
import {
  isOpen,
  reduceAnswer,
  type Stop,
  type StopAsked,
  stopAfter,
} from "../message/answer";
import type {
  ChatShown,
  ColumnData,
  ColumnSettled,
  CompareDeltas,
  CompareFact,
  CompareSnapshot,
  Failure,
  ModelGroup,
  ModelGroups,
} from "../protocol";

export interface Column extends ColumnData {
  /** When its newest text came, in seconds of the comparison's clock. */
  at: number;
}

export interface CompareModel {
  /** The first snapshot has come. */
  known: boolean;
  lasting: boolean;
  session: string;
  prompt: string;
  system: string;
  options: string;
  most: number;
  columns: Column[];
  groups: ModelGroup[];
  /** How many models have answered, in words. */
  said: string;
  /** Whether the kernel gets this page's messages; null while it is not known. */
  heard: boolean | null;
  /** Whether Stop was requested, by column. */
  stops: ReadonlyMap<number, Stop>;
  /** The error of the last request, until it is dismissed. */
  problem: Failure | null;
  /** Does again what failed so. */
  again: (() => void) | null;
  /** The conversation that is shown below. */
  chat: ChatShown | null;
}

export const initial: CompareModel = {
  known: false,
  lasting: false,
  session: "",
  prompt: "",
  system: "",
  options: "",
  most: 8,
  columns: [],
  groups: [],
  said: "",
  heard: null,
  stops: new Map(),
  problem: null,
  again: null,
  chat: null,
};

export const isBusy = ({ columns }: CompareModel) => columns.some(isOpen);

function withColumn(
  now: CompareModel,
  id: number,
  change: (column: Column) => Column,
): CompareModel {
  const columns = now.columns.map((each) => (each.id === id ? change(each) : each));
  return { ...now, columns };
}

function snapshot(now: CompareModel, all: CompareSnapshot): CompareModel {
  const { lasting, session, prompt, system, options, most, at } = all;
  const columns = all.columns.map((data) => ({ ...data, at }));
  const stops = stillOpen(now.stops, columns);
  const shown = { lasting, session, prompt, system, options, most, columns, stops };
  return { ...now, ...shown, known: true, said: "" };
}

const stillOpen = (stops: CompareModel["stops"], columns: Column[]) =>
  new Map([...stops].filter(([id]) => columns.some((c) => c.id === id && isOpen(c))));

function deltas(now: CompareModel, { at, deltas }: CompareDeltas): CompareModel {
  const changed = new Map<number, Column>();
  for (const data of deltas) {
    const { column: id } = data;
    const column = changed.get(id) ?? now.columns.find((each) => each.id === id);
    if (!column || !isOpen(column)) continue;
    changed.set(id, {
      ...reduceAnswer(column, { event: "delta", data }),
      first_token_s: column.first_token_s ?? Math.max(0, at - column.asked_s),
      at,
    });
  }
  if (!changed.size) return now;
  return { ...now, columns: now.columns.map((each) => changed.get(each.id) ?? each) };
}

function column(now: CompareModel, data: ColumnData): CompareModel {
  const before = now.columns.find((each) => each.id === data.id);
  const next = { ...data, at: before?.at ?? data.asked_s };
  const columns = before
    ? now.columns.map((each) => (each === before ? next : each))
    : [...now.columns, next];
  return { ...now, columns, stops: stillOpen(now.stops, columns) };
}

function settled(now: CompareModel, data: ColumnSettled): CompareModel {
  const { column: id, ...figures } = data;
  const next = withColumn(now, id, ({ at, text, thinking, ...answer }) => ({
    ...reduceAnswer({ ...answer, text, thinking }, { event: "settled", data }),
    ...figures,
    at,
  }));
  return { ...next, stops: stillOpen(next.stops, next.columns) };
}

/** What the user does, and the kernel's responses. */
export type CompareAct =
  | { event: "groups"; data: ModelGroups }
  | { event: "failed"; data: { error: Failure; again?: () => void } }
  | { event: "dismiss" }
  | { event: "chat"; data: ChatShown | null }
  | (StopAsked & { data: { column: number | undefined } });

export function reduce(
  now: CompareModel,
  fact: CompareFact | Reach | CompareAct,
): CompareModel {
  switch (fact.event) {
    case "snapshot":
      return snapshot(now, fact.data);
    case "deltas":
      return deltas(now, fact.data);
    case "column":
      return column(now, fact.data);
    case "settled":
      return settled(now, fact.data);
    case "waits": {
      const { column: id, notice, progress = null } = fact.data;
      return withColumn(now, id, (each) =>
        isOpen(each) ? { ...each, notice, progress } : each,
      );
    }
    case "removed": {
      const columns = now.columns.filter((each) => each.id !== fact.data.column);
      return { ...now, columns };
    }
    case "models": {
      const group = fact.data;
      const groups = now.groups.map((each) =>
        each.provider === group.provider ? group : each,
      );
      return { ...now, groups };
    }
    case "groups":
      return { ...now, groups: fact.data.groups };
    case "notice":
      return { ...now, said: fact.data.text };
    case "reach":
      return { ...now, heard: fact.data.heard };
    case "stop": {
      const { column } = fact.data;
      const stops = new Map(now.stops);
      for (const { id } of now.columns.filter(isOpen)) {
        const was = stops.get(id) ?? "no";
        if (column === undefined || id === column)
          stops.set(id, stopAfter(was, fact.data));
      }
      return { ...now, stops };
    }
    case "failed":
      return { ...now, problem: fact.data.error, again: fact.data.again ?? null };
    case "dismiss":
      return { ...now, problem: null, again: null };
    case "chat":
      return { ...now, chat: fact.data };
    default:
      return now;
  }
}
