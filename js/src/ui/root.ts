import { addStyle } from "./style";

/** The element that a view renders into; `style` is the view's own, named by `name`. */
export function rootIn(el: HTMLElement, name: string, style: string): HTMLElement {
  const root = document.createElement("div");
  root.className = "pl-root";
  // Keys typed in here are for the view, not for JupyterLab's commands.
  root.dataset.lmSuppressShortcuts = "true";
  root.dataset.jpSuppressContextMenu = "";
  el.append(root);
  addStyle(root, name, style);
  return root;
}
