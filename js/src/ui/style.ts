import answer from "../answer/style.css";
import markdown from "../markdown/style.css";
import message from "../message/style.css";
import base from "./style.css";

const ID = "parllama-nb-style";

/** Puts the views' style into the page, once, or into the shadow that `root` is in. */
export function addStyle(root: HTMLElement): void {
  const add = (into: ParentNode) => {
    const style = document.createElement("style");
    style.id = ID;
    style.textContent = base + markdown + message + answer;
    // A bundle of another version brings its own style in place of this one.
    const old = into.querySelector(`#${ID}`);
    if (old?.textContent === style.textContent) return;
    old?.remove();
    into.append(style);
  };
  add(document.head);
  requestAnimationFrame(() => {
    const home = root.getRootNode();
    if (home instanceof ShadowRoot) add(home);
  });
}
