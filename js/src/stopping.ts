// Asking the kernel to stop, and saying so when nothing comes of it.

/** Milliseconds after which Stop is said not to have been heard. */
const PATIENCE = 2500;

/** Asks by `ask`. `take` is told so, and that it is `late` where nothing came of it. */
export function stopping(
  ask: () => Promise<unknown>,
  take: (late: boolean) => void,
): void {
  take(false);
  const late = () => take(true);
  setTimeout(late, PATIENCE);
  ask().catch(late);
}
