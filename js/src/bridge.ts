// Requests of a view and the kernel's answers, over the model's custom messages.
import type { Model } from "./model";
import type { Event, Failure, Response, ViewRequests } from "./protocol";

/** Requests by name: parameters and result, as in `ViewRequests`. */
export type Requests<R> = { [M in keyof R]: [params: object | null, result: unknown] };

export interface Reply<Result = unknown> {
  result: Result;
  buffers: DataView[];
}

export interface RequestOptions {
  signal?: AbortSignal | undefined;
  /** Send it again under the same id until it is answered. */
  repeat?: boolean;
  /** Bytes that go beside it. */
  buffers?: ArrayBuffer[];
}

/** Sends a request. Parameters that are all optional may be left out. */
export type Request<R extends Requests<R> = ViewRequests> = <
  M extends keyof R & string,
>(
  method: M,
  ...rest: R[M][0] extends null
    ? [params?: Record<string, never>, options?: RequestOptions]
    : object extends R[M][0]
      ? [params?: R[M][0], options?: RequestOptions]
      : [params: R[M][0], options?: RequestOptions]
) => Promise<Reply<R[M][1]>>;

/** An error that the kernel answered with. */
export type RemoteFailure = Error & Failure;

/** An error as it is shown; one without a message means that no response came. */
export function shown(failure: Partial<Failure>): Failure {
  const { code = "", message, hint, field, wait } = failure;
  if (message)
    return {
      code,
      message,
      hint: hint ?? null,
      ...(field && { field }),
      ...(wait && { wait }),
    };
  return {
    code,
    message: "The kernel does not answer.",
    hint: "Check whether it is busy or has ended.",
  };
}

/** Milliseconds until the first repeat, since the first request may come too early;
 * each further wait is longer by half, up to `SELDOM`. */
const SOON = 50;
const SELDOM = 1000;

export const hex = (bytes: Uint8Array) =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** Calls once when `signal` ends, if there is one. */
export const onAbort = (signal: AbortSignal | undefined, callback: () => void) =>
  signal?.addEventListener("abort", callback);

export const abortion = () => new DOMException("", "AbortError");

/**
 * Returns the function that sends requests. Each request settles exactly once:
 * answered, aborted by its own signal, or ended with the model by `signal`.
 */
export function bridge(
  model: Model,
  onEvent: (event: Event) => void,
  onHeard: () => void,
  signal?: AbortSignal,
): Request {
  const open = new Map<string, (response?: Response, buffers?: DataView[]) => void>();
  const hear = (message: Response | Event, buffers?: DataView[]) => {
    if (message.type === "event") onEvent(message);
    if (message.type === "response") {
      onHeard();
      open.get(message.request_id)?.(message, buffers);
    }
  };
  const send = (message: unknown, buffers?: ArrayBuffer[]) => {
    // A closed comm or a dead kernel throws; the view goes on showing what it has.
    try {
      model.send(message, undefined, buffers);
    } catch {}
  };
  model.on("msg:custom", hear);
  onAbort(signal, () => {
    model.off("msg:custom", hear);
    for (const settle of open.values()) settle();
  });

  return (method, params = {}, options = {}) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted || options.signal?.aborted) {
        reject(abortion());
        return;
      }
      // crypto.randomUUID is absent on plain http; this is not.
      const request_id = hex(crypto.getRandomValues(new Uint8Array(16)));
      let wait = SOON;
      let timer: ReturnType<typeof setTimeout> | undefined;
      const ask = () => {
        send({ type: "request", request_id, method, params }, options.buffers);
        if (options.repeat) {
          timer = setTimeout(ask, wait);
          wait = Math.min(1.5 * wait, SELDOM);
        }
      };
      const settle = (response?: Response, buffers: DataView[] = []) => {
        open.delete(request_id);
        clearTimeout(timer);
        options.signal?.removeEventListener("abort", cancel);
        if (!response) reject(abortion());
        else if (response.error) {
          reject(Object.assign(new Error(), response.error));
        } else resolve({ result: (response.result ?? {}) as never, buffers });
      };
      const cancel = () => {
        send({ type: "cancel", request_id });
        settle();
      };
      open.set(request_id, settle);
      onAbort(options.signal, cancel);
      ask();
    });
}
