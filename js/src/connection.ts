// A model's connection to its kernel, shared by all views of the model.
import { bridge, onAbort, type Request, type Requests } from "./bridge";
import { type Fact, feed } from "./event-order";
import type { Model } from "./model";
import type { ViewRequests } from "./protocol";

/** Whether the kernel hears this page; told beside the kernel's own events. */
export interface Reach {
  event: "reach";
  data: { heard: boolean };
}

/** What a view's bundle gets to speak with the kernel: its requests and its facts. */
export interface Link<R extends Requests<R> = ViewRequests, F = Fact> {
  request: Request<R>;
  model: Model;
  /** A built file of the kernel, imported as a module once `before` is there. */
  asset(
    name: string,
    hash: string,
    signal?: AbortSignal,
    before?: Promise<unknown>,
  ): Promise<unknown>;
  /** Everything from the last snapshot on, and all that comes. */
  listen(listener: (fact: F | Reach) => void, signal?: AbortSignal): void;
}

/** What of a link fetches built files. */
export type Assets = Pick<Link, "asset">;

/**
 * A view's bundle: called once per model, gives what mounts each view. The loader does
 * not know the view's own requests and facts; the bundle says which they are.
 */
export interface Bundle {
  attach(link: Link): (el: HTMLElement, signal: AbortSignal) => void;
}

export type Load = (
  request: Request,
  name: string,
  hash: string,
  signal?: AbortSignal,
  before?: Promise<unknown>,
) => Promise<unknown>;

export interface ModelLink extends Link {
  /** The first request of every view, repeated until it is answered; sees to the last. */
  hello(signal: AbortSignal): Promise<void>;
}

export function connect(model: Model, load: Load, signal?: AbortSignal): ModelLink {
  const listeners = new Set<(fact: Fact | Reach) => void>();
  let facts: Fact[] = [];
  let reach: Reach | undefined;
  let asking = false;

  const tell = (fact: Fact | Reach) => {
    for (const listener of listeners) listener(fact);
  };
  const reached = (heard: boolean) => {
    if (reach?.data.heard !== heard) {
      reach = { event: "reach", data: { heard } };
      tell(reach);
    }
  };
  const ordered = feed(
    (fact) => {
      if (fact.event === "snapshot") facts = [];
      facts.push(fact);
      tell(fact);
    },
    async () => {
      if (asking) return;
      asking = true;
      const reply = await request("snapshot").catch(() => undefined);
      asking = false;
      if (reply) ordered.snapshot(reply.result);
    },
  );
  const request = bridge(
    model,
    (event) => {
      // The kernel speaks without being asked when it has not heard us.
      if (!reach) reached(false);
      ordered.event(event);
    },
    () => reached(true),
    signal,
  );
  return {
    request,
    model,
    asset: (...what) => load(request, ...what),
    listen(listener, signal) {
      for (const fact of facts) listener(fact);
      if (reach) listener(reach);
      listeners.add(listener);
      onAbort(signal, () => listeners.delete(listener));
    },
    async hello(signal) {
      const { result } = await request("hello", {}, { signal, repeat: true });
      ordered.snapshot(result);
      // The kernel closes a settled model once nobody shows it.
      onAbort(signal, () => request("left").catch(() => {}));
    },
  };
}
