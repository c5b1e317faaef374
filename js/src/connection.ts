// A model's connection to its kernel, shared by all views of the model.
import { bridge, onAbort, type Request, type Requests } from "./bridge";
import { type Fact, feed } from "./event-order";
import type { Model } from "./model";
import type { ViewRequests } from "./protocol";

/** Whether the kernel gets this page's messages; sent beside its own events. */
export interface Reach {
  event: "reach";
  data: { heard: boolean };
}

/** What a view's bundle uses to talk to the kernel: its requests and its facts. */
export interface Link<R extends Requests<R> = ViewRequests, F = Fact> {
  request: Request<R>;
  model: Model;
  /** Imports a built file of the kernel as a module, after `before`. */
  asset(
    name: string,
    hash: string,
    signal?: AbortSignal,
    before?: Promise<unknown>,
  ): Promise<unknown>;
  /**
   * Calls `listener` with everything from the last snapshot on, until the bundle
   * listens, which alone gives no `signal`: it sums up what it is told, and what came
   * before is kept no longer.
   */
  listen(listener: (fact: F | Reach) => void, signal?: AbortSignal): void;
}

/** The part of a link that fetches built files. */
export type Assets = Pick<Link, "asset">;

/** What a part of a view uses that also asks what every view can be asked. */
export type PartLink = Pick<Link, "asset" | "request" | "listen">;

/**
 * A view's bundle: called once per model, returns what mounts each view. The bundle
 * knows the view's own requests and facts, the loader does not.
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
  /** Sends the first request of a view until it is answered, and `left` at the end. */
  hello(signal: AbortSignal): Promise<void>;
}

export function connect(model: Model, load: Load, signal?: AbortSignal): ModelLink {
  const listeners = new Set<(fact: Fact | Reach) => void>();
  let facts: Fact[] = [];
  let reach: Reach | undefined;
  let asking: boolean | undefined;
  let bundled: boolean | undefined;

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
      if (bundled || fact.event === "snapshot") facts = [];
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
      // An event before any response: the kernel has not heard this page.
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
      facts.forEach(listener);
      bundled ||= !signal;
      if (reach) listener(reach);
      listeners.add(listener);
      onAbort(signal, () => listeners.delete(listener));
    },
    async hello(signal) {
      const { result } = await request("hello", {}, { signal, repeat: true });
      ordered.snapshot(result);
      // The kernel closes a settled model once no page shows it.
      onAbort(signal, () => request("left").catch(() => {}));
    },
  };
}
