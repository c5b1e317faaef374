import markdown from "../markdown/style.css";
import message from "../message/style.css";
import base from "./style.css";

/** Style under a name of its own in the page: a view's, or what views share. */
export type Sheet = readonly [name: string, css: string];

const SHARED: Sheet = ["core", base + markdown + message];

/** Puts style into the page, once, or into the shadow that `root` is in. */
export function addStyle(root: HTMLElement, sheets: readonly Sheet[]): void {
  const add = (into: ParentNode) => {
    for (const [name, css] of [SHARED, ...sheets]) {
      const style = document.createElement("style");
      style.id = `parllama-nb-style-${name}`;
      style.textContent = css;
      // Another version brings its own style in place of this one.
      const old = into.querySelector(`#${style.id}`);
      if (old?.textContent === css) continue;
      old?.remove();
      into.append(style);
    }
  };
  add(document.head);
  requestAnimationFrame(() => {
    const home = root.getRootNode();
    if (home instanceof ShadowRoot) add(home);
  });
}
