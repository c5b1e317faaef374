import type { Lost } from "../ui/kept-focus";

/** What of a chat takes the focus where the element that had it is gone. */
export function nextFocus(
  { had, near, before, after }: Lost,
  view: HTMLElement,
): HTMLElement | null | undefined {
  const find = (what: string, at: Element = view) =>
    at.querySelector<HTMLElement>(what);
  // The browser's own gives the focus back when it closes.
  if (near.closest("dialog[open]")) return null;
  const drawer = near.closest<HTMLElement>(".pl-drawer");
  if (drawer)
    return had.isConnected
      ? null
      : (find('[role=row][tabindex="0"]', drawer) ?? drawer);
  const field = near.closest(".pl-find") && find(".pl-find-text");
  if (field) return field;
  const scroller = find(".pl-scroller");
  const composer = find(".pl-composer-text");
  const tab = find("[role=tab][aria-selected=true]");
  if (near.closest("[role=tablist]")) return tab;
  const item = had.closest(".pl-item") ?? near.closest(".pl-item");
  if (item && !had.isConnected) {
    if (item.isConnected) {
      const label = CSS.escape(had.getAttribute("aria-label") ?? " ");
      const same = find(`button[aria-label="${label}"]`, item);
      // Its question is asked again.
      if (same?.matches(":disabled")) return composer;
      return same ?? find("article", item);
    }
    // A question was rewritten and asked: the next one is written below.
    if (had.matches('textarea, [aria-label="Edit question"]')) return composer;
    // The turn that has come in its place, or the one beside it, if it was not only
    // scrolled away.
    const seen = scroller?.getBoundingClientRect();
    const turn = [before?.nextElementSibling, after, before].find((each) => {
      if (!seen || !each?.isConnected || !each.matches(".pl-item")) return false;
      const { top, bottom } = each.getBoundingClientRect();
      return bottom > seen.top && top < seen.bottom;
    });
    return (turn && find("article", turn)) ?? scroller;
  }
  const reads = near.closest(".pl-transcript") && !item && !had.closest(".pl-newcomer");
  return (reads ? scroller : composer) ?? tab;
}
