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
 * One line the user should know while waiting.
 */
export interface NoticeData {
  text: string;
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
/**
 * How many seconds they took, all asked at the same time.
 */
export interface Tested {
  seconds: number;
}
