// A part of a turn that is put at a place of the screen and stays there while what is
// above and below it is still being laid out.

export interface Held {
  turn: number;
  /** Where its upper edge is: pixels below that of the transcript. */
  y: number;
  /** Where the part is now; undefined if it is not there yet. */
  rect: (item: HTMLElement) => DOMRect | undefined;
  /** What is done when the turn is there, once. */
  once?: (item: HTMLElement) => void;
  /** It was there already. */
  moved?: boolean;
}

export const itemOf = (scroller: HTMLElement, turn: number) =>
  scroller.querySelector<HTMLElement>(`[data-key^="${turn}:"]`);

/** Scrolls so that the part is at its place; says whether that is the first time. */
export function move(scroller: HTMLElement, item: HTMLElement, held: Held): boolean {
  const rect = held.rect(item) ?? item.getBoundingClientRect();
  const edge = scroller.getBoundingClientRect().top;
  scroller.scrollTop += Math.round(rect.top - edge - held.y);
  if (held.moved) return false;
  held.moved = true;
  held.once?.(item);
  return true;
}
