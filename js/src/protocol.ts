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
 * What questions are asked with; what is not set is the provider's default.
 */
export interface ChatOptions {
  system?: string | null;
  temperature?: number | null;
  max_tokens?: number | null;
  top_p?: number | null;
  seed?: number | null;
}
/**
 * All of a chat view. `earlier` turns come before the first of `turns`.
 */
export interface ChatSnapshot {
  seq: number;
  session: SessionData;
  turns: TurnData[];
  earlier?: number;
  draft?: string;
  default?: DefaultModel | null;
}
/**
 * What a view shows of the session itself.
 *
 * `option` is with what a cell asks in it. `model` is the chosen one, None where the
 * default answers. `cost` is in US dollars, `context_tokens` of `context_window`
 * tokens are in use; None is not known.
 */
export interface SessionData {
  name: string;
  option?: string;
  model?: string | null;
  options: ChatOptions;
  answering?: boolean;
  turns?: number;
  cost?: number | null;
  context_tokens?: number | null;
  context_window?: number | null;
}
/**
 * A turn. `unfinished` is one whose kernel ended first.
 *
 * A long `question` comes without its end; `question_length` is how many characters
 * it has. `images` is how many came along with it. `created` is in seconds since the
 * epoch.
 */
export interface TurnData {
  id: number;
  created: number;
  state: "waiting" | "streaming" | "done" | "stopped" | "failed" | "unfinished";
  model: string;
  question: string;
  question_length: number;
  images?: number;
  cell?: boolean;
  text?: string;
  thinking?: string;
  footer?: string;
  error?: Failure | null;
  notice?: string;
  progress?: ProgressData | null;
}
/**
 * Which model answers where none is chosen, or why none does.
 */
export interface DefaultModel {
  model?: string | null;
  error?: Failure | null;
}
/**
 * More of the answer, to be appended to its text or to its thinking.
 */
export interface Delta {
  kind: "text" | "thinking";
  text: string;
}
/**
 * Parameters of `draft`: what stands in the composer, for a page loaded again.
 */
export interface DraftParams {
  text: string;
}
/**
 * Parameters of `earlier`: `{"turns": [TurnData], "earlier": N}` before a turn.
 */
export interface EarlierParams {
  before: number;
}
/**
 * Parameters of `edit`: another question in the place of a turn's.
 */
export interface EditParams {
  turn: number;
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
 * A model that can be chosen. `id` is `provider/model`.
 */
export interface ModelEntry {
  id: string;
  context_window?: number | null;
  capabilities?: string[];
}
/**
 * A provider's models, as far as they are known.
 *
 * `problem` is why there are none. While `listing` there may come more.
 */
export interface ModelGroup {
  provider: string;
  title: string;
  local?: boolean;
  listing?: boolean;
  problem?: string;
  models?: ModelEntry[];
}
/**
 * Parameters of `set_model` ("" is the default), `open` and `rename`.
 */
export interface NameParams {
  name: string;
}
/**
 * One line the user should know while waiting.
 */
export interface NoticeData {
  text: string;
}
/**
 * Parameters of `set_options`.
 */
export interface OptionsParams {
  options: ChatOptions;
}
/**
 * The job is over. `text` is what it gave, as Markdown.
 */
export interface ProgressEnd {
  state: "running" | "done" | "stopped" | "failed";
  seconds: number;
  text?: string;
  error?: Failure | null;
}
/**
 * All of a progress view. `seq` is that of the last event it already holds.
 *
 * `phases` are those before the one that `progress` is of, `seconds` how long the job
 * has been at it or took.
 */
export interface ProgressSnapshot {
  seq: number;
  state: "running" | "done" | "stopped" | "failed";
  title: string;
  seconds: number;
  phases?: string[];
  progress?: ProgressData | null;
  notices?: string[];
  text?: string;
  error?: Failure | null;
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
 * Parameters of `send`: a question. Its result comes when the turn has begun.
 */
export interface SendParams {
  text: string;
}
/**
 * A session that can be opened; `sessions` gives `{"sessions": [SessionEntry]}`.
 */
export interface SessionEntry {
  name: string;
  used: number;
  turns: number;
  model?: string | null;
}
/**
 * The answer is over. Its text is what the deltas gave.
 */
export interface Settled {
  state: "waiting" | "streaming" | "done" | "stopped" | "failed";
  footer?: string;
  error?: Failure | null;
}
/**
 * More of an answer, to be appended to its text or to its thinking.
 */
export interface TurnDelta {
  turn: number;
  kind: "text" | "thinking";
  text: string;
}
/**
 * One line the user should know while waiting.
 */
export interface TurnNotice {
  turn: number;
  text: string;
}
/**
 * Parameters of `retry`, `delete` and `read`: a turn.
 *
 * `read` gives all of it: `{"question", "text", "thinking"}`.
 */
export interface TurnParams {
  turn: number;
}
/**
 * How far the slow step before an answer is.
 */
export interface TurnProgress {
  turn: number;
  progress: ProgressData;
}
/**
 * An answer is over. Its text is what the deltas gave.
 */
export interface TurnSettled {
  turn: number;
  state: "waiting" | "streaming" | "done" | "stopped" | "failed" | "unfinished";
  footer?: string;
  error?: Failure | null;
}
/**
 * Turns that are no longer there.
 */
export interface TurnsGone {
  turns: number[];
}
