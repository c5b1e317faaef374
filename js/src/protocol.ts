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
 * Which job is to stop.
 */
export interface CancelParams {
  job_id: string;
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
 * A setting and its new value; None gives it its default back.
 */
export interface SetParams {
  key: string;
  value: string | boolean | number | null;
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
 * New values by their keys, and what is wrong with the file now, if anything.
 */
export interface SettingsData {
  values: {
    [k: string]: string | boolean | number | null;
  };
  problem?: Failure | null;
}
/**
 * Settings that belong together. A `folded` group is one of many of its kind.
 */
export interface SettingsGroup {
  name: string;
  title: string;
  description?: string;
  folded?: boolean;
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
  state: "waiting" | "streaming" | "done" | "stopped" | "failed";
  footer?: string;
  error?: Failure | null;
}
