// A pull that is started with a click: what comes of it is told in passing.
import type { Actions } from "./actions";
import { line } from "./words";

export const usePull =
  (can: Actions) =>
  async (name: string, insecure = false) => {
    const error = await can.pull(name, insecure);
    if (error) can.toaster.say(line(error), "error");
  };
