import type { Model } from "../src/model";

interface Sent {
  type: string;
  request_id: string;
  method?: string;
  params?: Record<string, unknown>;
}

/** A model whose kernel is the test. */
export class StubModel implements Model {
  sent: Sent[] = [];
  buffers: unknown[] = [];
  listeners = new Set<(...args: never[]) => void>();
  traits: Record<string, unknown>;

  constructor(traits: Record<string, unknown> = { view: "answer", bundle: "h1" }) {
    this.traits = traits;
  }

  get(name: string) {
    return this.traits[name];
  }

  on(_: string, listener: (...args: never[]) => void) {
    this.listeners.add(listener);
  }

  off(_: string, listener: (...args: never[]) => void) {
    this.listeners.delete(listener);
  }

  send(message: unknown, _?: unknown, buffers?: ArrayBuffer[]) {
    this.sent.push(message as Sent);
    this.buffers.push(buffers);
  }

  hear(message: unknown, buffers: DataView[] = []) {
    for (const listener of [...this.listeners]) {
      (listener as (...args: unknown[]) => void)(message, buffers);
    }
  }

  asked(method: string) {
    return this.sent.filter((each) => each.method === method);
  }

  answer(method: string, result: Record<string, unknown>, buffers: DataView[] = []) {
    const request = this.asked(method).at(-1);
    if (!request) throw new Error(`${method} was not asked`);
    this.hear({ type: "response", request_id: request.request_id, result }, buffers);
  }

  /** Answers the request of a kind that was sent as `at`-th, repeats not counted. */
  reply(method: string, at: number, buffers: unknown[]) {
    const request_id = this.#first(method, at);
    this.hear({ type: "response", request_id, result: {} }, buffers as DataView[]);
  }

  refuse(method: string, at: number, message: string) {
    const error = { code: "test", message };
    this.hear({ type: "response", request_id: this.#first(method, at), error });
  }

  #first(method: string, at: number) {
    return [...new Set(this.asked(method).map(({ request_id }) => request_id))][at];
  }

  tell(event: string, seq: number, data: Record<string, unknown>) {
    this.hear({ type: "event", event, seq, data });
  }
}

/** Lets what promises have pending happen. */
export const settle = async () => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
};
