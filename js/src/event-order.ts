// Puts the kernel's numbered events in order: repeats dropped, gaps noticed.
import type { Event, Snapshot } from "./protocol";

/** Something that happened. Views narrow it to their own events. */
export interface Fact {
  event: string;
  data: object;
}

export interface Feed {
  event(event: Event): void;
  /** A snapshot: the result of `hello` and `snapshot`, or such an event. */
  snapshot(data: Partial<Snapshot>, at?: number): void;
}

/** `gap` is called when events are missing, to request a snapshot. */
export function feed(out: (fact: Fact) => void, gap: () => void): Feed {
  // Before the first snapshot events are held; `hello` is pending.
  let last: number | undefined;
  let held: Event[] = [];
  const drain = () => {
    if (last === undefined) return;
    held.sort((a, b) => a.seq - b.seq);
    for (const event of held) {
      if (event.seq === last + 1) {
        last++;
        out(event);
      }
    }
    const now = last;
    held = held.filter(({ seq }) => seq > now);
    if (held.length) gap();
  };
  const snapshot = (data: Partial<Snapshot>, at = 0) => {
    const seq = Math.max(at, Number(data.seq) || 0);
    if (last !== undefined && seq < last) return;
    last = seq;
    out({ event: "snapshot", data });
    drain();
  };
  return {
    event(event) {
      if (event.event === "snapshot") snapshot(event.data, event.seq);
      else {
        held.push(event);
        drain();
      }
    },
    snapshot,
  };
}
