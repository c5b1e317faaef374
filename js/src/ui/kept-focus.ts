// The focus of a view, whose elements come and go. Where the one that has it goes, the page
// itself would have it: whoever uses the keyboard would start anew, and a notebook take
// the keys for its own.
import type { RefObject } from "preact";
import { useLayoutEffect } from "preact/hooks";

/** What had the focus: it is gone or switched off. */
export interface Lost {
  had: HTMLElement;
  /** The innermost element around it that is still there. */
  near: Element;
  /** What was beside it there, or beside what it was in. */
  before: Element | null;
  after: Element | null;
}

const asElement = (node: Node | null) => (node instanceof Element ? node : null);

/** Gives the focus of a view to what `next` says when the element that has it goes. */
export function useKeptFocus(
  box: RefObject<HTMLElement | null>,
  next: (lost: Lost, view: HTMLElement) => HTMLElement | null | undefined,
): void {
  useLayoutEffect(() => {
    const view = box.current;
    if (!view) return;
    let had: HTMLElement | null = null;
    const focused = () =>
      (view.getRootNode() as Document | ShadowRoot).activeElement ??
      document.activeElement;
    const gone = () => had && (!had.isConnected || had.matches(":disabled"));
    const watch = new MutationObserver((records) => {
      if (!had || !gone() || (focused() !== had && focused() !== document.body)) return;
      const lost: Lost = { had, near: view, before: null, after: null };
      let node: Node | null = had;
      if (had.isConnected) lost.near = had.parentElement ?? view;
      else
        while (node && !node.isConnected) {
          const root: Node = node.getRootNode();
          const record = records.find(({ removedNodes }) =>
            [...removedNodes].includes(root as ChildNode),
          );
          node = record?.target ?? null;
          if (!record || !node?.isConnected) continue;
          lost.near = record.target as Element;
          lost.before = asElement(record.previousSibling);
          lost.after = asElement(record.nextSibling);
        }
      const to = next(lost, view);
      if (!to) return;
      if (to.tabIndex < 0 && !to.hasAttribute("tabindex")) {
        // It is read, and Tab goes on from it.
        to.tabIndex = -1;
        to.addEventListener("blur", () => to.removeAttribute("tabindex"), {
          once: true,
        });
      }
      to.focus({ preventScroll: true });
    });
    watch.observe(view, {
      childList: true,
      subtree: true,
      attributeFilter: ["disabled", "open"],
    });
    const ending = new AbortController();
    const { signal } = ending;
    view.addEventListener(
      "focusin",
      ({ target }) => {
        had = target as HTMLElement;
      },
      { signal },
    );
    const left = () => {
      // By whoever went elsewhere, and not because it is gone.
      if (!gone() && focused() !== had) had = null;
    };
    view.addEventListener("focusout", () => queueMicrotask(left), { signal });
    return () => {
      ending.abort();
      watch.disconnect();
    };
  }, []);
}
