// What becomes of a view's output in the notebook that JupyterLab saves.
import { onAbort, type Request } from "./bridge";
import type { Link } from "./connection";
import { documentOf, type Notebook, viewsIn } from "./notebook";
import type { ProgressRequests as JobRequests } from "./protocol";

const STATE = "application/vnd.jupyter.widget-state+json";
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

/** What is needed of the link of a view that may be the output of a cell. */
export type Shown = Pick<Link, "model" | "request">;

const idOf = ({ model }: Shown) => model.get("output_id") as string;

const escaped = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** The state of a line of text; a notebook's text may be a list of lines. */
const placeholder = (text: unknown): State => ({
  model_name: "HTMLModel",
  model_module: "@jupyter-widgets/controls",
  model_module_version: "2.0.0",
  state: { _dom_classes: [OURS], value: `<p>${escaped([text].flat().join(""))}</p>` },
});

const isOurs = ({ state }: State) =>
  Array.isArray(state?._dom_classes) && state._dom_classes.includes(OURS);

/**
 * Saves a view's text where JupyterLab shows it once the kernel is gone.
 *
 * JupyterLab prefers a widget to every other kind of output, and says "Error displaying
 * widget" where no kernel has the model any more and the notebook has no state of it.
 * So at each save the notebook is given one, in the place and form in which Lab itself
 * saves widgets: not the view's, but that of the text in the same output.
 */
function saveText(
  link: Shown,
  notebook: Notebook,
  ended: () => boolean,
): () => boolean {
  const id = idOf(link);
  return () => {
    const shown = new Map([...viewsIn(notebook)].map((view) => [view.id, view.data]));
    const all = (notebook.getMetadata("widgets") ?? {}) as Record<string, unknown>;
    const saved = all[STATE] as Saved | undefined;
    const kept = Object.entries(saved?.state ?? {}).filter(
      ([each, state]) => !isOurs(state) || shown.has(each),
    );
    const data = shown.get(id);
    if (data) kept.push([id, placeholder(data["text/plain"])]);
    const state = Object.fromEntries(kept);
    if (JSON.stringify(saved?.state ?? {}) !== JSON.stringify(state)) {
      if (kept.length) {
        const now = { version_major: 2, version_minor: 0, ...saved, state };
        notebook.setMetadata("widgets", { ...all, [STATE]: now });
      } else if (Object.keys(all).length > 1) {
        const { [STATE]: _, ...others } = all;
        notebook.setMetadata("widgets", others);
      } else notebook.deleteMetadata("widgets");
    }
    return ended() && !data;
  };
}

/**
 * Puts the cell's own output in the view's place, once that is there.
 *
 * The page that ran the cell has done so before by the output's display id. A page that
 * was loaded while the cell ran, and a second one, do not know the id.
 */
async function replace(link: Shown, notebook: Notebook): Promise<void> {
  const id = idOf(link);
  const isShown = () => [...viewsIn(notebook)].some((view) => view.id === id);
  if (!link.model.get("settled") || !isShown()) return;
  const { result } = await (link.request as Request<JobRequests>)("output");
  for (const { outputs, at, ...view } of [...viewsIn(notebook)]) {
    if (view.id !== id) continue;
    outputs.set(at, { output_type: "display_data", metadata: {}, ...result });
  }
}

/**
 * Removes the error that the cell of this view has raised: its question is asked again.
 * Elsewhere than in a notebook of JupyterLab the error stays.
 */
export function removeError(link: Shown): void {
  const notebook = documentOf(link)?.model;
  for (const { outputs, sharedModel, id } of notebook ? [...viewsIn(notebook)] : []) {
    if (id !== idOf(link)) continue;
    for (let at = outputs.length - 1; at >= 0; at--)
      if (outputs.get(at).type === "error")
        // By what is saved: what is removed from the outputs alone stays there.
        sharedModel?.updateOutputs?.(at, at + 1, []);
  }
}

/**
 * Keeps the output of a cell that shows this model true, while a view of it is mounted:
 * its text is saved, and what the cell settles into replaces it. Outside a notebook of
 * JupyterLab, and for a view in another view, it does nothing.
 */
export function keepOutput(link: Shown, signal: AbortSignal): void {
  const { model: notebook, saveState } = documentOf(link) ?? {};
  if (!notebook?.setMetadata || !saveState || signal.aborted) return;
  const write = saveText(link, notebook, () => signal.aborted);
  const onSave = (_: unknown, state: string) => {
    // A view that is scrolled out of sight has ended, and its output is saved too.
    if (state === "started" && write()) saveState.disconnect(onSave);
  };
  saveState.connect(onSave);
  const onSettled = () => {
    replace(link, notebook).catch(() => {
      // Without an answer the view stays, and shows the same.
    });
  };
  link.model.on("change:settled", onSettled);
  onAbort(signal, () => link.model.off("change:settled", onSettled));
  onSettled();
}
