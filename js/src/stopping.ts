// Asks the kernel to stop, and notices if it does not.

/** Milliseconds after which a stop counts as late. */
const PATIENCE = 2500;

/** Sends the request. `take` is called at once, and later with `late`. */
export function stopping(
  ask: () => Promise<unknown>,
  take: (late: boolean) => void,
): void {
  take(false);
  const late = () => take(true);
  setTimeout(late, PATIENCE);
  ask().catch(late);
}
