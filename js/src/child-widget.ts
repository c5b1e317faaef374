// A widget inside another one.
import { onAbort } from "./bridge";
import type { Link } from "./connection";
import type { WidgetManager } from "./model";

/** Milliseconds between two attempts to find a model whose comm is being opened. */
const PAUSE = 50;
const LOOKS = 60;

const found = async (manager: WidgetManager, id: string, signal: AbortSignal) => {
  for (let look = 1; ; look++) {
    try {
      return await manager.get_model(id);
    } catch (error) {
      if (look === LOOKS || signal.aborted) throw error;
    }
    await new Promise((done) => setTimeout(done, PAUSE));
  }
};

/**
 * Shows the widget with this model id in `el` until `signal` ends it. Its view sends
 * `hello` and `left` like any other.
 */
export async function child(
  link: Pick<Link, "model">,
  id: string,
  el: HTMLElement,
  signal: AbortSignal,
): Promise<void> {
  const manager = link.model.widget_manager;
  if (!manager) throw new Error("This page cannot show one widget inside another.");
  const view = await manager.create_view(await found(manager, id, signal));
  if (signal.aborted) {
    view.remove();
    return;
  }
  el.replaceChildren(view.el);
  onAbort(signal, () => view.remove());
}
