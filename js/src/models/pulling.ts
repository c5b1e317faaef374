// A pull that is started with a click: what comes of it is told in passing.
import type { Actions } from "./actions";
import { line } from "./words";

export const usePull = (can: Actions) => async (name: string) => {
  const error = await can.pull(name);
  if (error) can.toaster.say(line(error), "error");
};
