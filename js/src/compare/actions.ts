// What the user can do in a comparison, as requests to the kernel.
import type { Signal } from "@preact/signals-core";
import type { Link } from "../connection";
import type { Fact } from "../event-order";
import type { Failure } from "../protocol";
import { type CompareModel, isOpen, reduce } from "./reducer";

/** Milliseconds after which Stop is said not to have been heard. */
const STOP_PATIENCE = 2500;

export interface Actions {
  /** Stops a column, or all of them. */
  stop(column?: number): void;
  rerun(column: number): void;
  pick(column: number): void;
  remove(column: number): void;
  add(model: string): void;
  /** Asks all models; says whether they are being asked. */
  ask(text: string): Promise<boolean>;
  models(): void;
  chat(column: number): void;
  closeChat(): void;
  dismiss(): void;
}

export function actions(link: Link, compare: Signal<CompareModel>): Actions {
  const take = (fact: Fact) => {
    compare.value = reduce(compare.value, fact);
  };
  const failed = (error: Failure) =>
    take({ event: "failed", data: { error: shown(error) } });
  /** Asks, and shows what comes of it where that is an error. */
  const ask = (method: string, params: Record<string, unknown> = {}) =>
    link
      .request(method, params)
      .then(() => true)
      .catch((error) => {
        failed(error);
        return false;
      });

  return {
    stop(column) {
      const { columns, stops, heard } = compare.value;
      const open = columns.filter(
        (each) =>
          isOpen(each) &&
          stops.get(each.id) !== "asked" &&
          (column === undefined || each.id === column),
      );
      if (!open.length || heard === false) return;
      take({ event: "stop", data: { column } });
      const late = () => {
        for (const { id } of open) {
          if (compare.value.stops.get(id) === "asked")
            take({ event: "stop", data: { column: id, late: true } });
        }
      };
      setTimeout(late, STOP_PATIENCE);
      link.request("stop", column === undefined ? {} : { column }).catch(late);
    },
    rerun: (column) => void ask("rerun", { column }),
    pick: (column) => void ask("pick", { column }),
    remove: (column) => void ask("remove", { column }),
    add: (model) => void ask("add", { model }),
    ask: (text) => ask("ask", { text }),
    models() {
      link
        .request("models")
        .then(({ result }) => take({ event: "groups", data: result }))
        .catch(failed);
    },
    chat(column) {
      link
        .request("chat", { column })
        .then(({ result }) => take({ event: "chat", data: { chat: result } }))
        .catch(failed);
    },
    closeChat: () => take({ event: "chat", data: {} }),
    dismiss: () => take({ event: "dismiss", data: {} }),
  };
}

/** An answer that never came has no words of the kernel's. */
function shown({ code = "", message, hint }: Failure): Failure {
  if (message) return { code, message, hint: hint ?? null };
  return {
    code,
    message: "The kernel does not answer.",
    hint: "It may be busy, or gone: look at its status.",
  };
}
