import { effect } from "@preact/signals-core";
import { type ComponentChild, render } from "preact";
import { keepOutput, type Shown } from "../saved-output";
import { addStyle, type Sheet } from "./style";

/**
 * Renders `view` of a model into `el`, again whenever a signal that it reads changes, until
 * `signal` ends it. `sheets` are the view's own style sheets.
 */
export function mount(
  link: Shown,
  el: HTMLElement,
  signal: AbortSignal,
  sheets: readonly Sheet[],
  view: () => ComponentChild,
): void {
  const root = document.createElement("div");
  root.className = "pl-root";
  // Keys typed here are for the view, not JupyterLab's commands.
  root.dataset.lmSuppressShortcuts = "true";
  root.dataset.jpSuppressContextMenu = "";
  el.append(root);
  addStyle(root, sheets);
  keepOutput(link, signal);
  const end = effect(() => render(view(), root));
  signal.addEventListener("abort", () => {
    end();
    render(null, root);
  });
}
