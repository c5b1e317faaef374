import controls from "./controls.css";
import base from "./style.css";

const ID = "parllama-nb-style";

/**
 * Puts a view's style, and what all views share, into the page, each once, or into the
 * shadow that `root` is in.
 */
export function addStyle(root: HTMLElement, name: string, own: string): void {
  const add = (into: ParentNode, id: string, text: string) => {
    // A bundle of another version brings its own style in place of this one.
    const old = into.querySelector(`#${id}`);
    if (old?.textContent === text) return;
    old?.remove();
    const style = document.createElement("style");
    style.id = id;
    style.textContent = text;
    into.append(style);
  };
  const addBoth = (into: ParentNode) => {
    add(into, ID, base + controls);
    add(into, `${ID}-${name}`, own);
  };
  addBoth(document.head);
  requestAnimationFrame(() => {
    const home = root.getRootNode();
    if (home instanceof ShadowRoot) addBoth(home);
  });
}
