// What the user can do in a comparison, as requests to the kernel.
import type { Signal } from "@preact/signals-core";
import { shown } from "../bridge";
import type { Link } from "../connection";
import { isOpen } from "../message/answer";
import type { CompareFact, CompareRequests, SentData } from "../protocol";
import { stopping } from "../stopping";
import { type CompareAct, type CompareModel, reduce } from "./reducer";

export type CompareLink = Link<CompareRequests, CompareFact>;

export interface Actions {
  /** Stops a column, or all of them. */
  stop(column?: number): void;
  rerun(column: number): void;
  pick(column: number): void;
  remove(column: number): void;
  add(model: string): void;
  /** Asks all models; resolves to whether the request succeeded. */
  ask(text: string): Promise<boolean>;
  models(): void;
  /** What a column's model would be sent for a question; "" for the one it was. */
  preview(column: number, text: string, signal: AbortSignal): Promise<SentData>;
  chat(column: number): void;
  closeChat(): void;
  dismiss(): void;
}

export function actions(link: CompareLink, compare: Signal<CompareModel>): Actions {
  const take = (act: CompareAct) => {
    compare.value = reduce(compare.value, act);
  };
  const failed = (error: Error) =>
    take({ event: "failed", data: { error: shown(error) } });
  /** Whether the request succeeded; an error is shown. */
  const done = (ask: () => Promise<unknown>): Promise<boolean> =>
    ask()
      .then(() => true)
      .catch((error) => {
        const again = () => {
          take({ event: "dismiss" });
          void done(ask);
        };
        take({ event: "failed", data: { error: shown(error), again } });
        return false;
      });

  return {
    stop(column) {
      const { columns, stops, heard } = compare.value;
      const stoppable = columns.some(
        (each) =>
          isOpen(each) &&
          stops.get(each.id) !== "asked" &&
          (column === undefined || each.id === column),
      );
      if (!stoppable || heard === false) return;
      stopping(
        () => link.request("stop", column === undefined ? {} : { column }),
        (late) => take({ event: "stop", data: { late, column } }),
      );
    },
    rerun: (column) => void done(() => link.request("rerun", { column })),
    pick: (column) => void done(() => link.request("pick", { column })),
    remove: (column) => void done(() => link.request("remove", { column })),
    add: (model) => void done(() => link.request("add", { model })),
    ask: (text) => done(() => link.request("ask", { text })),
    models() {
      link
        .request("models")
        .then(({ result }) => take({ event: "groups", data: result }))
        .catch(failed);
    },
    preview: async (column, text, signal) =>
      (await link.request("preview", { column, text }, { signal })).result,
    chat(column) {
      link
        .request("chat", { column })
        .then(({ result }) => take({ event: "chat", data: result }))
        .catch(failed);
    },
    closeChat: () => take({ event: "chat", data: null }),
    dismiss: () => take({ event: "dismiss" }),
  };
}
