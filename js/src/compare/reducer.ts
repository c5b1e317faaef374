// All that a compare view shows, as a function of what the kernel said.
import type { Fact } from "../event-order";
import type {
  ChatShown,
  ColumnData,
  ColumnWaitsData,
  CompareDeltas,
  CompareSnapshot,
  Failure,
  ModelGroup,
} from "../protocol";

export interface Column extends ColumnData {
  text: string;
  thinking: string;
  /** When the newest of it came, in seconds of the comparison's clock. */
  at: number;
}

export type Stop = "no" | "asked" | "late";

export interface CompareModel {
  /** The kernel has told what there is. */
  known: boolean;
  lasting: boolean;
  session: string;
  prompt: string;
  system: string;
  options: string;
  most: number;
  columns: Column[];
  groups: ModelGroup[];
  /** How many have answered, in words. */
  said: string;
  /** Whether the kernel hears this page; null until it is known. */
  heard: boolean | null;
  /** Of which columns Stop was asked for; `late` when nothing came of it for long. */
  stops: ReadonlyMap<number, Stop>;
  /** What was asked for and could not be done. */
  problem: Failure | null;
  /** The conversation that is shown below, to go on in. */
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
  chat: null,
};

export const isOpen = ({ state }: Pick<ColumnData, "state">) =>
  state === "waiting" || state === "streaming";

export const isBusy = ({ columns }: CompareModel) => columns.some(isOpen);

function withColumn(
  now: CompareModel,
  id: number,
  change: (column: Column) => Column,
): CompareModel {
  const columns = now.columns.map((each) => (each.id === id ? change(each) : each));
  return { ...now, columns };
}

const known = (data: ColumnData, before: Column | undefined, at: number): Column => ({
  ...data,
  text: data.text ?? before?.text ?? "",
  thinking: data.thinking ?? before?.thinking ?? "",
  at,
});

function snapshot(now: CompareModel, all: CompareSnapshot): CompareModel {
  const { lasting, session, prompt, most, at = 0 } = all;
  const columns = all.columns.map((data) => known(data, undefined, at));
  return {
    ...now,
    known: true,
    lasting,
    session,
    prompt,
    system: all.system ?? "",
    options: all.options ?? "",
    most,
    columns,
    said: "",
    stops: stillOpen(now.stops, columns),
  };
}

const stillOpen = (stops: CompareModel["stops"], columns: Column[]) =>
  new Map([...stops].filter(([id]) => columns.some((c) => c.id === id && isOpen(c))));

function deltas(now: CompareModel, { at, deltas }: CompareDeltas): CompareModel {
  const changed = new Map<number, Column>();
  for (const { column: id, kind, text } of deltas) {
    const column = changed.get(id) ?? now.columns.find((each) => each.id === id);
    // What comes after the end belongs to nothing that is shown.
    if (!column || !isOpen(column)) continue;
    changed.set(id, {
      ...column,
      state: "streaming",
      notice: "",
      progress: null,
      first_token_s: column.first_token_s ?? Math.max(0, at - (column.asked_s ?? 0)),
      at,
      [kind]: column[kind] + text,
    });
  }
  if (!changed.size) return now;
  return { ...now, columns: now.columns.map((each) => changed.get(each.id) ?? each) };
}

function column(now: CompareModel, data: ColumnData): CompareModel {
  const before = now.columns.find((each) => each.id === data.id);
  const next = known(data, before, before?.at ?? data.asked_s ?? 0);
  const columns = before
    ? now.columns.map((each) => (each === before ? next : each))
    : [...now.columns, next];
  return { ...now, columns, stops: stillOpen(now.stops, columns) };
}

export function reduce(now: CompareModel, { event, data }: Fact): CompareModel {
  switch (event) {
    case "snapshot":
      return snapshot(now, data as unknown as CompareSnapshot);
    case "deltas":
      return deltas(now, data as unknown as CompareDeltas);
    case "column":
      return column(now, data as unknown as ColumnData);
    case "waits": {
      const { column: id, notice, progress } = data as unknown as ColumnWaitsData;
      const waits = { notice: notice ?? "", progress: progress ?? null };
      return withColumn(now, id, (each) =>
        isOpen(each) ? { ...each, ...waits } : each,
      );
    }
    case "removed": {
      const columns = now.columns.filter((each) => each.id !== data.column);
      return { ...now, columns };
    }
    case "models": {
      const group = data as unknown as ModelGroup;
      const groups = now.groups.map((each) =>
        each.provider === group.provider ? group : each,
      );
      return { ...now, groups };
    }
    case "groups":
      return { ...now, groups: data.groups as ModelGroup[] };
    case "notice":
      return { ...now, said: String(data.text ?? "") };
    case "reach":
      return { ...now, heard: data.heard === true };
    case "stop": {
      const wanted = data.column as number | undefined;
      const stop: Stop = data.late ? "late" : "asked";
      const stops = new Map(now.stops);
      for (const each of now.columns) {
        if (isOpen(each) && (wanted === undefined || each.id === wanted))
          stops.set(each.id, stop);
      }
      return { ...now, stops };
    }
    case "failed":
      return { ...now, problem: data.error as Failure };
    case "dismiss":
      return { ...now, problem: null };
    case "chat":
      return { ...now, chat: (data.chat as ChatShown | undefined) ?? null };
    default:
      return now;
  }
}
