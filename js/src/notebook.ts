// The notebook of JupyterLab that shows a view, where there is one.
import type { Link } from "./connection";

export const VIEW = "application/vnd.jupyter.widget-view+json";

interface Output {
  type?: string;
  data?: Record<string, unknown>;
}

interface Outputs {
  length: number;
  get(at: number): Output;
  set(at: number, output: object): void;
}

interface Cell {
  outputs?: Outputs;
  /** What is saved, which the outputs follow. */
  sharedModel?: { updateOutputs?(start: number, end: number, outputs: []): void };
}

/** What is saved of a notebook, and shared with whoever else has it open. */
interface SharedNotebook {
  insertCell?(index: number, cell: object): unknown;
  transact?(change: () => void): void;
}

/** The parts of JupyterLab's notebook that are used here. */
export interface Notebook {
  cells: Iterable<Cell>;
  readOnly?: boolean;
  sharedModel?: SharedNotebook;
  getMetadata(name: string): unknown;
  setMetadata(name: string, value: unknown): void;
  deleteMetadata(name: string): void;
}

type OnSave = (sender: unknown, state: string) => void;

interface Manager {
  context?: {
    model?: Notebook;
    saveState?: { connect(slot: OnSave): void; disconnect(slot: OnSave): void };
  };
}

/** The notebook's document, as JupyterLab's widget manager knows it. */
export const documentOf = ({ model }: Pick<Link, "model">): Manager["context"] =>
  (model.widget_manager as Manager | undefined)?.context;

/** A notebook's outputs that show a widget: where each is, its model, its data. */
export function* viewsIn(notebook: Notebook) {
  let cell = -1;
  for (const { outputs, sharedModel } of notebook.cells) {
    cell++;
    for (let at = 0; at < (outputs?.length ?? 0); at++) {
      const data = outputs?.get(at).data;
      const view = data?.[VIEW] as { model_id?: string } | undefined;
      if (outputs && data && view?.model_id)
        yield { cell, outputs, sharedModel, at, data, id: view.model_id };
    }
  }
}
