// What the user can do with local models, as requests to the kernel.
import type { Signal } from "@preact/signals-core";
import { shown } from "../bridge";
import type { Link } from "../connection";
import type { Failure, ModelsFact, ModelsRequests, PlaceData } from "../protocol";
import type { Toaster } from "../ui/Toasts";
import type { ModelsAct, ModelsModel } from "./reducer";
import { tried } from "./trying";
import { models as counted, line } from "./words";

export type ModelsLink = Link<ModelsRequests, ModelsFact>;

/** Milliseconds after which the kernel is told where the user is. */
const SETTLED = 400;

export interface Actions {
  request: ModelsLink["request"];
  toaster: Toaster;
  /** Where the user is; the kernel remembers it. */
  place(change: Partial<PlaceData>): void;
  refresh(): void;
  /** Resolves to the error, or to null once the job has started. */
  pull(model: string, insecure?: boolean): Promise<Failure | null>;
  push(model: string, insecure?: boolean): void;
  load(id: string): void;
  unload(id: string): void;
  cancel(job: string): void;
  dismiss(job: string): void;
  copy(source: string, destination: string): Promise<Failure | null>;
  remove(ids: readonly string[]): void;
  checkUpdates(ids: readonly string[]): void;
  chat(id: string): void;
  closeChat(): void;
  askRunning(): Promise<void>;
}

export function actions(
  link: ModelsLink,
  model: Signal<ModelsModel>,
  toaster: Toaster,
  take: (act: ModelsAct) => void,
): Actions {
  const { request } = link;
  let telling: ReturnType<typeof setTimeout> | undefined;

  const failed = (error: Error) => {
    // A request that ends with its page is no news.
    if (error.name !== "AbortError") toaster.say(line(shown(error)), "error");
  };
  /** Says what is being done with models until the reply has come. */
  const during = <T>(ids: readonly string[], words: string, reply: Promise<T>) => {
    take({ event: "doing", data: { ids, words } });
    return reply.finally(() => take({ event: "doing", data: { ids, words: "" } }));
  };
  const name = (id: string) =>
    model.value.models.find((row) => row.id === id)?.name ?? id;

  return {
    request,
    toaster,
    place(change) {
      take({ event: "place", data: change });
      clearTimeout(telling);
      telling = setTimeout(() => {
        request("place", model.value.place).catch(() => {});
      }, SETTLED);
    },
    refresh: () => void request("refresh").catch(failed),
    pull: (model, insecure = false) => tried(request("pull", { model, insecure })),
    push: (model, insecure = false) =>
      void request("push", { model, insecure }).catch(failed),
    load: (id) => void request("load", { model: id }).catch(failed),
    unload(id) {
      during([id], "Unloading…", request("unload", { model: id }))
        .then(() => this.askRunning())
        .catch(failed);
    },
    cancel(job) {
      take({ event: "asked", data: { ids: [job] } });
      request("cancel", { job_id: job }).catch((error) => {
        take({ event: "refused", data: { ids: [job], problem: shown(error) } });
        failed(error);
      });
    },
    dismiss: (job) => take({ event: "dismiss", data: { job } }),
    copy: (source, destination) => tried(request("copy", { source, destination })),
    remove(ids) {
      const [only] = ids.map(name);
      during(ids, "Deleting…", request("delete", { models: [...ids] }))
        .then(({ result }) => {
          const gone = ids.length - result.failed.length;
          if (gone === 1 && ids.length === 1) toaster.say(`${only} is deleted.`);
          else if (gone) toaster.say(`${counted(gone)} deleted.`);
          for (const { error } of result.failed.slice(0, 3))
            toaster.say(line(error), "error");
        })
        .catch(failed);
    },
    checkUpdates(ids) {
      if (!ids.length) {
        toaster.say("None of them comes from a registry.");
        return;
      }
      during(ids, "Checking…", request("updates", { models: [...ids] }))
        .then(({ result }) => {
          take({ event: "updates", data: result });
          const newer = result.models.filter((each) => each.available);
          const unknown = result.models.filter((each) => each.available == null);
          const [first] = newer;
          if (newer.length === 1 && first) {
            toaster.say(`There is a newer ${name(first.model)}.`, "info", {
              label: "Pull it",
              onClick: () => {
                this.pull(name(first.model)).then((error) => {
                  if (error) toaster.say(line(error), "error");
                });
              },
            });
          } else if (newer.length) {
            toaster.say(`${counted(newer.length)} have updates; they are marked.`);
          } else if (!unknown.length) {
            toaster.say(ids.length === 1 ? "It is up to date." : "All are up to date.");
          }
          const note = unknown[0]?.note;
          if (unknown.length)
            toaster.say(
              `${counted(unknown.length)} could not be checked. ${note ?? ""}`.trim(),
              "warning",
            );
        })
        .catch(failed);
    },
    chat(id) {
      during([id], "Opening a chat…", request("chat", { model: id }))
        .then(({ result }) => {
          if (result.model_id) take({ event: "chat", data: result });
        })
        .catch(failed);
    },
    closeChat: () => take({ event: "chat", data: null }),
    async askRunning() {
      try {
        const { result } = await request("running");
        take({ event: "running", data: result });
      } catch (error) {
        const now = Date.now() / 1000 + model.value.ahead;
        const problem = shown(error as Error);
        take({ event: "running", data: { now, models: [], problem } });
      }
    },
  };
}
