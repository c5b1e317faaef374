// Generated from parllama_nb/widgets/_protocol.py by `npm run protocol`.
// Do not edit.

/**
 * All of an answer view. `seq` is that of the last event it already holds.
 */
export interface AnswerSnapshot {
  seq: number;
  state: "waiting" | "streaming" | "done" | "stopped" | "failed";
  model: string;
  text?: string;
  thinking?: string;
  notice?: string;
  progress?: ProgressData | null;
  footer?: string;
  error?: Failure | null;
}
/**
 * How far the slow step before the answer is (see `events.Progress`).
 */
export interface ProgressData {
  phase: string;
  done?: number;
  total?: number | null;
  unit?: "bytes" | "items" | "";
  rate?: number | null;
  eta?: number | null;
}
/**
 * An error as every view shows it.
 */
export interface Failure {
  code: string;
  message: string;
  hint?: string | null;
}
/**
 * Parameters of `asset`: a built file, sent back as the response's one buffer.
 *
 * Every view answers it. `name` is a key of the manifest: `core` for what all
 * views share, `answer` for the answer view's own, `katex` for the formulas. Its
 * result is `{"hash": ...}`.
 */
export interface AssetParams {
  name: string;
}
/**
 * A view no longer wants the answer to a request.
 */
export interface Cancel {
  type: "cancel";
  request_id: string;
}
/**
 * More of the answer, to be appended to its text or to its thinking.
 */
export interface Delta {
  kind: "text" | "thinking";
  text: string;
}
/**
 * Something that happened. `seq` counts up by one from the view's first event.
 */
export interface Event {
  type: "event";
  event: string;
  seq: number;
  data: {
    [k: string]: unknown;
  };
}
/**
 * One line the user should know while waiting.
 */
export interface NoticeData {
  text: string;
}
/**
 * Something a view asks. Repeated under the same id until it is answered.
 */
export interface Request {
  type: "request";
  request_id: string;
  method: string;
  params?: {
    [k: string]: unknown;
  };
}
/**
 * The one answer to a request: a result or an error.
 */
export interface Response {
  type: "response";
  request_id: string;
  result?: {
    [k: string]: unknown;
  } | null;
  error?: Failure | null;
}
/**
 * The answer is over. Its text is what the deltas gave.
 */
export interface Settled {
  state: "waiting" | "streaming" | "done" | "stopped" | "failed";
  footer?: string;
  error?: Failure | null;
}
