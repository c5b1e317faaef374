// Asking the kernel to stop, and saying so when nothing comes of it.

import type { Link } from "./connection";
import type { Fact } from "./event-order";

/** Milliseconds after which Stop is said not to have been heard. */
const PATIENCE = 2500;

/** What a view knows of being stopped; `late`: it was asked, and nothing came of it. */
export type Stop = "no" | "asked" | "late";

/** Gives what asks for the stop, while `may` allows it; `take` is told as `stop`. */
export const stopping =
  (link: Link, may: () => boolean, take: (fact: Fact) => void) => () => {
    if (!may()) return;
    take({ event: "stop", data: {} });
    const late = () => take({ event: "stop", data: { late: true } });
    setTimeout(late, PATIENCE);
    link.request("stop").catch(late);
  };
