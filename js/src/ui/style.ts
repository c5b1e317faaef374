import markdown from "../markdown/style.css";
import message from "../message/style.css";
import base from "./style.css";

/** A style sheet and its name in the page: a view's, or a shared one. */
export type Sheet = readonly [name: string, css: string];

const SHARED: Sheet = ["core", base + markdown + message];

/** Adds style sheets once to the page, or to the shadow root that holds `root`. */
export function addStyle(root: HTMLElement, sheets: readonly Sheet[]): void {
  const add = (into: ParentNode) => {
    for (const [name, css] of [SHARED, ...sheets]) {
      const style = document.createElement("style");
      style.id = `parllama-nb-style-${name}`;
      style.textContent = css;
      // Replace the style of another version.
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
