// Generated from parllama_nb/widgets/_protocol.py by `npm run protocol`.
// Do not edit.

/**
 * Parameters of `add`: one more model, `provider/model`.
 */
export interface AddParams {
  model: string;
}
/**
 * All of an answer view. `seq` is that of the last event it already holds.
 */
export interface AnswerSnapshot {
  seq: number;
  state: "idle" | "waiting" | "streaming" | "done" | "stopped" | "failed";
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
 * views share, `answer` for the answer view's own, `katex` for the formulas,
 * `highlight` for the colours of code. Its result is `{"hash": ...}`.
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
 * Which job is to stop.
 */
export interface CancelParams {
  job_id: string;
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
 * The result of `chat`: the model of a view that shows the conversation.
 */
export interface ChatShown {
  model_id: string;
  session: string;
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
 * `option` is with what a cell asks in it; `encrypted` is how it is kept. `model` is
 * the chosen one, None where the default answers. `cost` is in US dollars,
 * `context_tokens` of `context_window` tokens are in use; None is not known.
 */
export interface SessionData {
  name: string;
  option?: string;
  model?: string | null;
  options: ChatOptions;
  encrypted?: boolean;
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
 * A column. Without `text` and `thinking` these are what the deltas gave.
 *
 * `asked_s` is when it was asked, in seconds of the comparison's clock; the other
 * times are from then on. `cost` is in words, `ending` says how it ended where it did
 * not end as it should.
 */
export interface ColumnData {
  id: number;
  model: string;
  state: "idle" | "waiting" | "streaming" | "done" | "stopped" | "failed";
  asked_s?: number;
  picked?: boolean;
  text?: string | null;
  thinking?: string | null;
  notice?: string;
  progress?: ProgressData | null;
  error?: Failure | null;
  ending?: string;
  first_token_s?: number | null;
  total_s?: number | null;
  tokens_per_s?: number | null;
  input_tokens?: number | null;
  output_tokens?: number | null;
  cost?: string | null;
}
/**
 * Parameters of `rerun`, `pick`, `remove` and `chat`: a column by its number.
 */
export interface ColumnParams {
  column: number;
}
/**
 * What a column waits for.
 */
export interface ColumnWaitsData {
  column: number;
  notice?: string;
  progress?: ProgressData | null;
}
/**
 * More of one answer, to be appended to its text or to its thinking.
 */
export interface CompareDelta {
  column: number;
  kind: "text" | "thinking";
  text: string;
}
/**
 * More of several answers; `at` is the comparison's clock, in seconds.
 */
export interface CompareDeltas {
  at: number;
  deltas: CompareDelta[];
}
/**
 * All of a compare view.
 *
 * A `lasting` one stays where it is; the others are replaced by what they settle
 * into. `state` and `model` are for a page that has only the loader yet. `at` is the
 * comparison's clock in seconds, `most` how many columns there can be. `options` are
 * in words.
 */
export interface CompareSnapshot {
  seq: number;
  state: "waiting" | "done";
  model: string;
  lasting: boolean;
  session: string;
  prompt: string;
  system?: string;
  options?: string;
  at?: number;
  most: number;
  columns: ColumnData[];
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
 * One job as it is now.
 *
 * `seconds` is how long it has run until this was sent, or ran until it ended: not
 * the time of a clock, since the page's may be another.
 */
export interface JobData {
  id: string;
  title: string;
  state: "running" | "done" | "failed" | "cancelled";
  seconds: number;
  progress?: ProgressData | null;
  notice?: string;
  error?: Failure | null;
}
/**
 * What has become of some jobs, and the ids of those that are listed no more.
 */
export interface JobsData {
  changed: JobData[];
  forgotten: string[];
}
/**
 * All jobs that are listed, the newest first.
 */
export interface JobsSnapshot {
  seq: number;
  jobs: JobData[];
}
/**
 * Something a provider cannot do without; `command` mends it, or else `remedy`.
 *
 * A key it lacks has the page as its `url` that gives one.
 */
export interface LackData {
  what: string;
  remedy?: string;
  command?: string;
  url?: string;
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
 * Which tab's view is wanted.
 */
export interface OpenParams {
  tab: string;
}
/**
 * The view of a tab is there; the page mounts the model of this id.
 */
export interface Opened {
  model_id: string;
}
/**
 * Parameters of `set_options`.
 */
export interface OptionsParams {
  options: ChatOptions;
}
/**
 * All of a panel: its tabs, in order. What is in them are views of their own.
 *
 * `model_id` is the panel's own, by which outputs name it, and `text` is what stands
 * in its place in a notebook that is opened again without its kernel.
 */
export interface PanelSnapshot {
  seq: number;
  tabs: TabData[];
  model_id: string;
  text: string;
}
/**
 * One tab of the panel.
 */
export interface TabData {
  name: string;
  title: string;
}
/**
 * The result of `pick`: where the answer is now; turns count from 1.
 */
export interface Picked {
  session: string;
  turn: number;
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
 * A provider as it stands.
 *
 * `address` is where it is and `source` by whose word: "setting", the name of an
 * environment variable, or "" for the usual one. `key` says where its key is from in a
 * few words, `key_names` where one is looked for. `models` were listed at `listed`, in
 * seconds of the kernel's clock; null is never. `failure` is why they could not be
 * since. `settings` are all that can be set but whether it is on.
 */
export interface ProviderData {
  name: string;
  title: string;
  local: boolean;
  enabled: boolean;
  address?: string;
  source?: string;
  key: string;
  key_names?: string[];
  keys_url?: string;
  lacks?: LackData[];
  models?: number;
  listed?: number | null;
  failure?: Failure | null;
  settings?: SettingData[];
}
/**
 * One setting, and how it is written in a form.
 *
 * One that is `optional` may be empty: its value is None then. An `area` is text of
 * several lines.
 */
export interface SettingData {
  key: string;
  title: string;
  description?: string;
  kind: "text" | "area" | "integer" | "number" | "switch" | "choice";
  optional?: boolean;
  minimum?: number | null;
  maximum?: number | null;
  choices?: string[];
  default?: string | boolean | number | null;
  value?: string | boolean | number | null;
}
/**
 * The providers to ask for their models.
 */
export interface ProviderNames {
  /**
   * @maxItems 1000
   */
  providers: string[];
}
/**
 * Providers that are not as they were; `now` is the time by the kernel's clock.
 */
export interface ProvidersData {
  now: number;
  changed: ProviderData[];
  problem?: Failure | null;
}
/**
 * All providers. `keys_belong` says where a key is to be put; none is put here.
 */
export interface ProvidersSnapshot {
  seq: number;
  now: number;
  providers: ProviderData[];
  keys_belong: string;
  problem?: Failure | null;
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
 * Settings that get their defaults back.
 */
export interface ResetParams {
  /**
   * @maxItems 1000
   */
  keys: string[];
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
 * A setting and its new value; None gives it its default back.
 */
export interface SetParams {
  key: string;
  value: string | boolean | number | null;
}
/**
 * New values by their keys, and what is wrong with the file now, if anything.
 */
export interface SettingsData {
  values: {
    [k: string]: string | boolean | number | null;
  };
  problem?: Failure | null;
}
/**
 * Settings that belong together.
 */
export interface SettingsGroup {
  name: string;
  title: string;
  description?: string;
  settings: SettingData[];
}
/**
 * All settings, and where they are kept.
 */
export interface SettingsSnapshot {
  seq: number;
  groups: SettingsGroup[];
  path?: string;
  problem?: Failure | null;
}
/**
 * The answer is over. Its text is what the deltas gave.
 */
export interface Settled {
  state: "idle" | "waiting" | "streaming" | "done" | "stopped" | "failed";
  footer?: string;
  error?: Failure | null;
}
/**
 * Parameters of `stop`: a column, or all.
 */
export interface StopParams {
  column?: number | null;
}
/**
 * How many seconds they took, all asked at the same time.
 */
export interface Tested {
  seconds: number;
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
