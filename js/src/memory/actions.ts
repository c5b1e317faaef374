// What the user can do with the memory, as requests to the kernel.
import type { Signal } from "@preact/signals-core";
import { shown } from "../bridge";
import type { Link } from "../connection";
import type { MemoryData, MemoryFact, MemoryRequests } from "../protocol";
import type { MemoryAct, MemoryModel } from "./reducer";

export type MemoryLink = Link<MemoryRequests, MemoryFact>;

/** Milliseconds after which the kernel is told what is typed. */
const SETTLED = 400;

/** Each resolves to whether the kernel has done it; the error is shown. */
export interface Actions {
  switched(on: boolean): Promise<boolean>;
  typed(text: string): void;
  save(over?: boolean): Promise<boolean>;
  /** Throws away what was typed. */
  discard(): void;
  undo(): Promise<boolean>;
  redo(): Promise<boolean>;
  rewrite(verb: "remember" | "forget", text: string, plain: boolean): Promise<boolean>;
  stop(): void;
  accept(): Promise<boolean>;
  reject(): Promise<boolean>;
  forgive(): void;
}

export function actions(
  { request }: MemoryLink,
  model: Signal<MemoryModel>,
  take: (act: MemoryAct | { event: "memory"; data: MemoryData }) => void,
): Actions {
  let keeping: ReturnType<typeof setTimeout> | undefined;
  const forgive = () => take({ event: "refused", data: { error: null } });
  const done = async (asking: Promise<{ result: unknown }>) => {
    forgive();
    try {
      const { result } = await asking;
      if (result && typeof result === "object" && "revision" in result)
        take({ event: "memory", data: result as MemoryData });
      return true;
    } catch (error) {
      take({ event: "refused", data: { error: shown(error as Error) } });
      return false;
    }
  };
  const keep = (pause: number) => {
    clearTimeout(keeping);
    keeping = setTimeout(() => {
      const { draft } = model.value;
      request("draft", draft ?? { text: null, revision: 0 }).catch(() => {});
    }, pause);
  };
  const discard = () => {
    take({ event: "draft", data: null });
    keep(0);
  };
  const revision = () => model.value.memory?.revision ?? 0;

  return {
    forgive,
    discard,
    switched: (on) => done(request("switch", { on })),
    typed(text) {
      const { draft, memory } = model.value;
      if (text === memory?.text) {
        discard();
        return;
      }
      const began = draft?.revision ?? memory?.revision ?? 0;
      take({ event: "draft", data: { text, revision: began } });
      keep(SETTLED);
    },
    async save(over = false) {
      const { draft } = model.value;
      if (!draft) return true;
      clearTimeout(keeping);
      const saved = await done(request("save", { ...draft, over }));
      // More may have been typed meanwhile.
      if (saved && model.value.draft?.text === draft.text)
        take({ event: "draft", data: null });
      return saved;
    },
    undo: () => done(request("undo", { revision: revision() })),
    redo: () => done(request("redo", { revision: revision() })),
    rewrite: (verb, text, plain) => done(request("rewrite", { verb, text, plain })),
    stop() {
      request("stop").catch(() => {});
    },
    accept: () => done(request("accept")),
    reject: () => done(request("reject")),
  };
}
