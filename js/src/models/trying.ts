// A request whose error is shown where it was made.
import { shown } from "../bridge";
import type { Failure } from "../protocol";

/** Resolves to the error of a request, or to null. */
export const tried = (reply: Promise<unknown>): Promise<Failure | null> =>
  reply.then(() => null).catch((error) => shown(error));
