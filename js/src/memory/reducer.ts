// What the view of the memory shows, as a function of the kernel's events.
import type { Reach } from "../connection";
import type { Failure, MemoryData, MemoryDraft, MemoryFact } from "../protocol";

/** What is typed and not saved. `revision` is that of the memory it began with. */
export interface Draft {
  text: string;
  revision: number;
}

export interface MemoryModel {
  memory: MemoryData | null;
  draft: Draft | null;
  /** Why the last change was refused. */
  problem: Failure | null;
  /** Whether the kernel gets this page's messages; null while it is not known. */
  heard: boolean | null;
}

export const initial: MemoryModel = {
  memory: null,
  draft: null,
  problem: null,
  heard: null,
};

export type MemoryAct =
  | { event: "draft"; data: Draft | null }
  | { event: "refused"; data: { error: Failure | null } };

const draftOf = (draft: MemoryDraft | null | undefined): Draft | null =>
  draft?.text == null ? null : { text: draft.text, revision: draft.revision ?? 0 };

export function reduce(
  now: MemoryModel,
  fact: MemoryFact | Reach | MemoryAct,
): MemoryModel {
  switch (fact.event) {
    case "snapshot": {
      const { memory = null, draft } = fact.data;
      // What was typed into this page is newer than what the kernel keeps of it.
      return { ...now, memory, draft: now.memory ? now.draft : draftOf(draft) };
    }
    case "memory":
      return { ...now, memory: fact.data };
    case "draft":
      return { ...now, draft: fact.data };
    case "refused":
      return { ...now, problem: fact.data.error };
    case "reach":
      return { ...now, heard: fact.data.heard };
    default:
      return now;
  }
}

/** The text in the editor. */
export const textOf = ({ memory, draft }: MemoryModel) =>
  draft?.text ?? memory?.text ?? "";

/** Whether the memory was changed elsewhere since the user began to type. */
export const isOvertaken = ({ memory, draft }: MemoryModel) =>
  draft !== null &&
  memory !== null &&
  draft.revision !== memory.revision &&
  draft.text !== memory.text;
