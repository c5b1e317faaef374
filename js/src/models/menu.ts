// What can be done with one model.
import type { ModelRow } from "../protocol";
import type { MenuItem } from "../ui/Menu";
import type { Actions } from "./actions";
import { isBase } from "./form";

/** A dialog that is open, and the models it is about. */
export type Asked =
  | { kind: "delete"; ids: readonly string[] }
  | { kind: "copy" | "push"; id: string };

export interface Doing {
  can: Actions;
  ask: (asked: Asked) => void;
  open: (id: string) => void;
  /** Begins a new model, or a smaller one, in its form. */
  createFrom: (row: ModelRow) => void;
  quantize: (row: ModelRow) => void;
  disabled: boolean;
}

/** Whether a model answers questions; unknown is yes. */
export const answers = ({ capabilities }: Pick<ModelRow, "capabilities">) =>
  capabilities.length === 0 || capabilities.includes("completion");

export function menuOf(row: ModelRow, doing: Doing): MenuItem[] {
  const { can, ask, open, disabled } = doing;
  const { id, remote, loaded, downloaded } = row;
  const items: (MenuItem | false)[] = [
    { label: "Details", icon: "info", onSelect: () => open(id) },
    answers(row) && {
      label: "Chat with it",
      icon: "chat",
      onSelect: () => can.chat(id),
    },
    !remote &&
      (loaded
        ? { label: "Unload", icon: "stop", onSelect: () => can.unload(id) }
        : { label: "Load", icon: "play", onSelect: () => can.load(id) }),
    ...(row.provider === "ollama" ? ofOllama() : []),
    !remote &&
      isBase(row.quantization) && {
        label: "Quantize…",
        icon: "cube",
        onSelect: () => doing.quantize(row),
      },
    downloaded && {
      label: "Delete…",
      icon: "trash",
      danger: true,
      apart: true,
      onSelect: () => ask({ kind: "delete", ids: [id] }),
    },
  ];
  function ofOllama(): (MenuItem | false)[] {
    return [
      !remote && {
        label: "Check for update",
        icon: "retry",
        apart: true,
        onSelect: () => can.checkUpdates([id]),
      },
      { label: "Copy…", icon: "copy", onSelect: () => ask({ kind: "copy", id }) },
      !remote && {
        label: "Push…",
        icon: "upload",
        onSelect: () => ask({ kind: "push", id }),
      },
      { label: "Create from it…", icon: "plus", onSelect: () => doing.createFrom(row) },
    ];
  }
  return items.filter((item) => item !== false).map((item) => ({ ...item, disabled }));
}
