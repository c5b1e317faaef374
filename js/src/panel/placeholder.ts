// What a saved notebook shows in place of the panel once its kernel is gone.
//
// JupyterLab prefers a widget to every other kind of output, and says "Error displaying
// widget" where no kernel has the model any more and the notebook has no state of it.
// So at each save the notebook is given one, in the place and form in which Lab itself
// saves widgets: not the panel's, but that of a line of text.
import { onAbort } from "../bridge";

const STATE = "application/vnd.jupyter.widget-state+json";
const VIEW = "application/vnd.jupyter.widget-view+json";
const OURS = "pl-placeholder";

interface State {
  model_name: string;
  model_module: string;
  model_module_version: string;
  state: Record<string, unknown>;
}

interface Saved {
  version_major: number;
  version_minor: number;
  state: Record<string, State>;
}

interface Outputs {
  length: number;
  get(index: number): { data: Record<string, unknown> };
}

/** The parts of JupyterLab's notebook that are used here. */
export interface Notebook {
  cells: Iterable<{ outputs?: Outputs }>;
  getMetadata(name: string): unknown;
  setMetadata(name: string, value: unknown): void;
}

type OnSave = (sender: unknown, state: string) => void;

interface Manager {
  context?: {
    model?: Notebook;
    saveState?: { connect(slot: OnSave): void; disconnect(slot: OnSave): void };
  };
}

const escaped = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

const placeholder = (text: string): State => ({
  model_name: "HTMLModel",
  model_module: "@jupyter-widgets/controls",
  model_module_version: "2.0.0",
  state: { _dom_classes: [OURS], value: `<p>${escaped(text)}</p>` },
});

const isOurs = ({ state }: State) =>
  Array.isArray(state?._dom_classes) && state._dom_classes.includes(OURS);

/** The models that the notebook's outputs show. */
function shownIn(notebook: Notebook): Set<string> {
  const ids = new Set<string>();
  for (const { outputs } of notebook.cells) {
    for (let at = 0; at < (outputs?.length ?? 0); at++) {
      const view = outputs?.get(at).data[VIEW] as { model_id?: string } | undefined;
      if (view?.model_id) ids.add(view.model_id);
    }
  }
  return ids;
}

/** The notebook's saved widgets with a placeholder for `id`, without those of the past. */
export function withPlaceholder(
  saved: Saved | undefined,
  id: string,
  text: string,
  shown: Set<string>,
): Saved {
  const kept = Object.entries(saved?.state ?? {}).filter(
    ([each, state]) => !isOurs(state) || shown.has(each),
  );
  if (shown.has(id)) kept.push([id, placeholder(text)]);
  return {
    version_major: saved?.version_major ?? 2,
    version_minor: saved?.version_minor ?? 0,
    state: Object.fromEntries(kept),
  };
}

/** Leaves a placeholder for a model at each save, until `signal` ends it. */
export function placehold(
  manager: unknown,
  model: () => { id: string; text: string },
  signal: AbortSignal,
): void {
  const context = (manager as Manager | undefined)?.context;
  const notebook = context?.model;
  // Outside a JupyterLab notebook nothing is saved.
  if (!notebook?.setMetadata || !context?.saveState || signal.aborted) return;
  const onSave: OnSave = (_, state) => {
    if (state !== "started") return;
    const before = (notebook.getMetadata("widgets") ?? {}) as Record<string, unknown>;
    const saved = before[STATE] as Saved | undefined;
    const { id, text } = model();
    const now = withPlaceholder(saved, id, text, shownIn(notebook));
    const empty = !saved && !Object.keys(now.state).length;
    if (!empty && JSON.stringify(saved) !== JSON.stringify(now)) {
      notebook.setMetadata("widgets", { ...before, [STATE]: now });
    }
  };
  const { saveState } = context;
  saveState.connect(onSave);
  onAbort(signal, () => saveState.disconnect(onSave));
}
