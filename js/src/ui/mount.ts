import { effect } from "@preact/signals-core";
import { type ComponentChild, render } from "preact";
import { addStyle, type Sheet } from "./style";

/**
 * Shows in `el` what `view` gives, anew whenever a signal it reads changes, until
 * `signal` ends it. `sheets` is the style of its own that the view brings.
 */
export function mount(
  el: HTMLElement,
  signal: AbortSignal,
  sheets: readonly Sheet[],
  view: () => ComponentChild,
): void {
  const root = document.createElement("div");
  root.className = "pl-root";
  // Keys typed in here are for the view, not for JupyterLab's commands.
  root.dataset.lmSuppressShortcuts = "true";
  root.dataset.jpSuppressContextMenu = "";
  el.append(root);
  addStyle(root, sheets);
  const end = effect(() => render(view(), root));
  signal.addEventListener("abort", () => {
    end();
    render(null, root);
  });
}
