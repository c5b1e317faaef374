// Roving focus: Tab finds one of many, and the arrow keys move on from there.

/** The index a key leads to from `at` of `count`; undefined for other keys. */
export function move(
  key: string,
  at: number,
  count: number,
  axis: "x" | "y" = "y",
): number | undefined {
  const [back, on] =
    axis === "x" ? ["ArrowLeft", "ArrowRight"] : ["ArrowUp", "ArrowDown"];
  if (count === 0) return undefined;
  if (key === on) return at < 0 ? 0 : Math.min(at + 1, count - 1);
  if (key === back) return Math.max(at - 1, 0);
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  return undefined;
}

/** As `move`, but wraps around. */
export function turn(
  key: string,
  at: number,
  count: number,
  axis: "x" | "y" = "y",
): number | undefined {
  const next = move(key, at, count, axis);
  if (next !== at || key === "Home" || key === "End") return next;
  return at === 0 ? count - 1 : 0;
}

/** The next label after `at` that begins with a typed character. */
export function typed(key: string, at: number, labels: readonly string[]): number {
  if (key.length !== 1 || key === " ") return -1;
  const wanted = key.toLowerCase();
  for (let step = 1; step <= labels.length; step++) {
    const next = (at + step + labels.length) % labels.length;
    if (labels[next]?.toLowerCase().startsWith(wanted)) return next;
  }
  return -1;
}

/** Focuses the `index`-th element in `box` that matches `selector`. */
export const focusAt = (box: Element | null, selector: string, index: number) =>
  (
    box?.querySelectorAll<HTMLElement>(selector)[index] as HTMLElement | undefined
  )?.focus();
