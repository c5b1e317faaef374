// Generated from what the views declare in parllama_nb/widgets by `npm run
// protocol`. Do not edit.

/**
 * A model for the embedded engine: a path, `hf.co/USER/REPO`, or an address.
 *
 * Without a `name` it is called as its file.
 */
export interface AddEmbeddedParams {
  source: string;
  name?: string;
}
/**
 * A key for the vault.
 *
 * `sealed` has its `value`, and the vault's `password` if the vault is not unlocked.
 */
export interface AddKeyParams {
  name: string;
  sealed: SealedTexts;
}
/**
 * Texts that only the kernel can read: see `_sealed`. All bytes are in base64.
 *
 * `key` names the kernel's key. `wrapped` is HPKE's encapsulated key and ciphertext of
 * the view's key, each text is nonce, ciphertext and tag under that.
 */
export interface SealedTexts {
  key: string;
  wrapped: string;
  texts: {
    [k: string]: string;
  };
}
/**
 * One more model, `provider/model`.
 */
export interface AddParams {
  model: string;
}
/**
 * Another text of a turn's question or answer; what is None stays as it is.
 */
export interface AmendParams {
  turn: number;
  question?: string | null;
  answer?: string | null;
}
/**
 * All of an answer until now.
 */
export interface AnswerData {
  state:
    "idle" | "waiting" | "streaming" | "done" | "stopped" | "failed" | "unfinished";
  text: string;
  thinking: string;
  notice: string;
  progress?: ProgressData | null;
  footer: string;
  error?: Failure | null;
}
/**
 * How far a job, or the slow step before an answer, is (see `events.Progress`).
 */
export interface ProgressData {
  phase: string;
  done: number;
  total?: number | null;
  unit: "bytes" | "items" | "";
  rate?: number | null;
  eta?: number | null;
  layers?: LayerData[] | null;
  percent?: number | null;
}
/**
 * One file of a transfer, in bytes.
 */
export interface LayerData {
  name: string;
  done: number;
  total: number;
}
/**
 * An error as every view shows it.
 *
 * `missing_key` is the name of a key that is missing; the request `add_key` takes it.
 * `field` is the field of a form that has the invalid value. `wait` are the seconds
 * until it may be tried again.
 */
export interface Failure {
  code: string;
  message: string;
  hint?: string | null;
  missing_key?: string | null;
  field?: string | null;
  wait?: number | null;
}
/**
 * All of an answer view.
 *
 * `again`: the question failed for something that the user can add, and can be asked
 * again once that is there.
 */
export interface AnswerSnapshot {
  state:
    "idle" | "waiting" | "streaming" | "done" | "stopped" | "failed" | "unfinished";
  text: string;
  thinking: string;
  notice: string;
  progress?: ProgressData | null;
  footer: string;
  error?: Failure | null;
  seq: number;
  model: string;
  again: boolean;
}
/**
 * Which version of a built file the response's buffer is.
 */
export interface AssetData {
  hash: string;
}
/**
 * A built file, sent as the one buffer of the response.
 *
 * `name` is a key of the manifest: `core` for what all views share, the name of a view
 * for its own, `katex` for formulas, `highlight` for the colours of code.
 */
export interface AssetParams {
  name: string;
}
/**
 * What the kernel attaches by itself: a path, an address, or a variable's name.
 *
 * `image`: it has to be an image.
 */
export interface AttachParams {
  source: string;
  image?: boolean;
}
/**
 * An attachment of the next question.
 *
 * While its `state` is "receiving" the page sends it, while it is "reading" the kernel
 * reads it; `note` says how far that is. `size` is in bytes, `pixels` are width and
 * height, `tokens` are estimated, `excerpt` is how its text begins. `notes` say what
 * was left out of it.
 */
export interface AttachedData {
  id: string;
  name: string;
  state: "receiving" | "reading" | "ready" | "failed";
  kind: string;
  size: number;
  tokens: number;
  pages?: number | null;
  pixels?: number[] | null;
  excerpt: string;
  note: string;
  notes: string[];
  error?: Failure | null;
}
/**
 * The id of an attachment that the composer holds from now on.
 */
export interface AttachedId {
  id: string;
}
/**
 * How much may be attached: bytes of a file, an image and all; their number.
 *
 * `part` are the bytes of a file in one message.
 */
export interface AttachmentLimits {
  file: number;
  image: number;
  message: number;
  count: number;
  part: number;
}
/**
 * All attachments of the next question, in order.
 */
export interface AttachmentsData {
  attachments: AttachedData[];
}
/**
 * Entries of the log, the newest first, and how many there are in all.
 *
 * `problem` is what is wrong with the log. `checked` is false while the vault is
 * locked: then nothing vouches for it.
 */
export interface AuditData {
  entries: AuditEntry[];
  total: number;
  more: boolean;
  checked: boolean;
  problem: string;
}
/**
 * One entry of the log. `at` is an ISO time in UTC.
 *
 * `names` are the names of those secrets it is about that still exist, `count` is how
 * many it is about. `sealed` is false for an entry that no key vouches for yet.
 */
export interface AuditEntry {
  seq: number;
  at: string;
  event: string;
  kernel: string;
  names: string[];
  count: number;
  sealed: boolean;
}
/**
 * The entries before this number; null for the newest.
 */
export interface AuditParams {
  before?: number | null;
}
/**
 * A backup that the vault has made: its file, its seconds since 1970, bytes, why.
 *
 * `why` is the operation before which it was made, as "backup", "clear", "restore".
 */
export interface BackupData {
  path: string;
  made: number;
  size: number;
  why: string;
}
/**
 * Where the checked copy is.
 */
export interface BackupMade {
  path: string;
}
/**
 * The backups of the vault's own folder, the newest first.
 */
export interface BackupsData {
  folder: string;
  backups: BackupData[];
}
/**
 * Two prompts as texts: the one of the library, and the one that is offered.
 */
export interface BesideData {
  mine: string;
  theirs: string;
}
/**
 * What this month has cost, and what it may; sent when that may have changed.
 *
 * `month` is its name. `unwritten` says why the ledger is not complete on disk.
 */
export interface BudgetData {
  month: string;
  cost: number;
  settings: SettingData[];
  unwritten?: Failure | null;
}
/**
 * One setting, and how it is written in a form.
 *
 * One that is `optional` may be empty: its value is None then. An `area` is text of
 * several lines, a `model` is chosen from those that the request `models` lists.
 */
export interface SettingData {
  key: string;
  title: string;
  description: string;
  kind: "text" | "area" | "integer" | "number" | "switch" | "choice" | "model";
  optional: boolean;
  minimum?: number | null;
  maximum?: number | null;
  choices: string[];
  default?: string | boolean | number | null;
  value?: string | boolean | number | null;
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
 * A prompt that a source offers.
 *
 * `current` is the prompt that has its place or its name, `beside` the name under
 * which it is added if that one stays.
 */
export interface CandidateData {
  name: string;
  description: string;
  tags: string[];
  state: "new" | "changed" | "same" | "edited" | "taken" | "deleted";
  current: string;
  beside: string;
}
/**
 * One candidate, by its name at the source.
 */
export interface CandidateParams {
  name: string;
}
/**
 * A chat with a model: in the panel's own tab, or in the view with this id.
 */
export interface ChatOpened {
  session: string;
  model_id: string;
}
/**
 * What questions are asked with; what is not set is the provider's default.
 *
 * `memory` is what the user wants to be remembered, as it was when the session began.
 */
export interface ChatOptions {
  system?: string | null;
  memory?: string | null;
  temperature?: number | null;
  top_p?: number | null;
  top_k?: number | null;
  seed?: number | null;
  max_tokens?: number | null;
  context_window?: number | null;
  stop?:
    | []
    | [string]
    | [string, string]
    | [string, string, string]
    | [string, string, string, string]
    | [string, string, string, string, string]
    | [string, string, string, string, string, string]
    | [string, string, string, string, string, string, string]
    | [string, string, string, string, string, string, string, string]
    | [string, string, string, string, string, string, string, string, string]
    | [string, string, string, string, string, string, string, string, string, string]
    | [
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string
      ]
    | [
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string
      ]
    | [
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string
      ]
    | [
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string
      ]
    | [
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string
      ]
    | [
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string
      ]
    | null;
  reasoning?: ("off" | "low" | "medium" | "high") | null;
  reasoning_budget?: number | null;
  keep_alive?: string | null;
}
/**
 * The model of a view that shows the conversation.
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
  tabs: ChatTabs;
  turns: TurnData[];
  earlier: number;
  draft: string;
  prompt?: ChosenPrompt | null;
  attached: AttachmentsData;
  limits: AttachmentLimits;
  default?: DefaultModel | null;
}
/**
 * What a view shows of the session itself.
 *
 * `option` is the magic's option that asks in it; `encrypted`: it is stored encrypted.
 * `locked` says why its texts cannot be read, and is "" if they can.
 * `model` is the chosen one, None where the default answers. `takes` are the options
 * that its provider, of the title `provider`, accepts; `sees`: it can be shown images.
 * `cost` is in US dollars,
 * `context_tokens` of `context_window` tokens are in use; None is not known.
 * `left_out` says what of it the next question would not be sent with, "" for nothing.
 */
export interface SessionData {
  name: string;
  option: string;
  model?: string | null;
  provider: string;
  takes?: string[] | null;
  sees?: boolean | null;
  options: ChatOptions;
  encrypted: boolean;
  locked: string;
  answering: boolean;
  turns: number;
  cost?: number | null;
  context_tokens?: number | null;
  context_window?: number | null;
  left_out: string;
}
/**
 * The sessions that are open in tabs, and the one that is shown, by its id.
 */
export interface ChatTabs {
  tabs: ChatTab[];
  current: string;
}
/**
 * A session that is open in a tab. `id` stays, whatever its name becomes.
 */
export interface ChatTab {
  id: string;
  name: string;
  answering: boolean;
  encrypted: boolean;
  locked: boolean;
}
/**
 * A turn that begun, or is other than it was.
 *
 * A long `question` comes without its end; `question_length` is how many characters
 * it has. `attachments` were sent with it. `created` is in seconds since the
 * epoch. `alternatives` are the turns in its place, itself among them, in order; none
 * if there is no other. `edited`: the user changed a text of it. `cut`: its answer
 * ended before it was complete, so that it can go on.
 */
export interface TurnData {
  state:
    "idle" | "waiting" | "streaming" | "done" | "stopped" | "failed" | "unfinished";
  text: string;
  thinking: string;
  notice: string;
  progress?: ProgressData | null;
  footer: string;
  error?: Failure | null;
  id: number;
  created: number;
  model: string;
  question: string;
  question_length: number;
  attachments: TurnAttachment[];
  cell: boolean;
  alternatives: number[];
  edited: boolean;
  cut: boolean;
}
/**
 * What was sent with a question: an image or a document.
 */
export interface TurnAttachment {
  kind: "image" | "document";
  name: string;
}
/**
 * The prompt of the library that the next question is asked with; "" is none.
 *
 * If it `asks` by itself, no text is needed; if `takes_input`, the text is put into
 * it. `text` is one for the composer. `values` are those of its variables so far. A
 * `locked` one is encrypted, and nothing but its name can be read.
 */
export interface ChosenPrompt {
  name: string;
  version: number;
  description: string;
  asks: boolean;
  takes_input: boolean;
  submit: boolean;
  variables: PromptVariable[];
  values: {
    [k: string]: string;
  };
  text: string;
  locked: boolean;
}
/**
 * A variable of a prompt; with a `default` of null a value has to be given.
 */
export interface PromptVariable {
  name: string;
  default?: string | null;
  description: string;
}
/**
 * Which model answers where none is chosen, or why none does.
 */
export interface DefaultModel {
  model?: string | null;
  error?: Failure | null;
}
/**
 * How many jobs that have ended are listed no more.
 */
export interface Cleared {
  forgotten: number;
}
/**
 * All of a column, which was added or asked anew.
 */
export interface ColumnData {
  state:
    "idle" | "waiting" | "streaming" | "done" | "stopped" | "failed" | "unfinished";
  text: string;
  thinking: string;
  notice: string;
  progress?: ProgressData | null;
  footer: string;
  error?: Failure | null;
  model: string;
  asked_s: number;
  picked: boolean;
  ending: string;
  first_token_s?: number | null;
  total_s?: number | null;
  tokens_per_s?: number | null;
  input_tokens?: number | null;
  output_tokens?: number | null;
  cost?: string | null;
  id: number;
}
/**
 * More of a column's answer.
 */
export interface ColumnDelta {
  kind: "text" | "thinking";
  text: string;
  column: number;
}
/**
 * A column that is no longer there.
 */
export interface ColumnGone {
  column: number;
}
/**
 * A column by its number.
 */
export interface ColumnParams {
  column: number;
}
/**
 * A column, and a question that is not asked yet; "" for the one that was.
 */
export interface ColumnPreviewParams {
  column: number;
  text: string;
}
/**
 * How a column's answer ended, or that it is picked, or no longer is.
 */
export interface ColumnSettled {
  state:
    "idle" | "waiting" | "streaming" | "done" | "stopped" | "failed" | "unfinished";
  footer: string;
  error?: Failure | null;
  model: string;
  asked_s: number;
  picked: boolean;
  ending: string;
  first_token_s?: number | null;
  total_s?: number | null;
  tokens_per_s?: number | null;
  input_tokens?: number | null;
  output_tokens?: number | null;
  cost?: string | null;
  column: number;
}
/**
 * What a column waits for.
 */
export interface ColumnWaitsData {
  column: number;
  notice: string;
  progress?: ProgressData | null;
}
/**
 * What came of a command, in one line, and what the page does now.
 */
export interface CommandDone {
  text: string;
  act: "help" | "copy" | "options" | "pick" | "find" | "propose" | "deleted" | "";
  data: string;
}
/**
 * What an argument may be. `open`: there is more to complete after it.
 */
export interface CommandOption {
  value: string;
  about: string;
  open: boolean;
}
/**
 * What the argument of a command may be, the likeliest first.
 */
export interface CommandOptions {
  options: CommandOption[];
}
/**
 * A command by its name or an alias, and its argument as it was typed.
 *
 * `confirmed`: the user was asked, where the command says that they have to be.
 */
export interface CommandParams {
  name: string;
  argument?: string;
  confirmed?: boolean;
}
/**
 * More of several answers; `at` is the comparison's clock, in seconds.
 */
export interface CompareDeltas {
  at: number;
  deltas: ColumnDelta[];
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
  state:
    "idle" | "waiting" | "streaming" | "done" | "stopped" | "failed" | "unfinished";
  model: string;
  lasting: boolean;
  session: string;
  prompt: string;
  system: string;
  options: string;
  at: number;
  most: number;
  columns: ColumnData[];
}
/**
 * A turn whose answer goes on; `tab` is as for a question.
 */
export interface ContinueParams {
  tab?: string;
  turn: number;
}
/**
 * What was exported: the name of the download that comes beside it, or a path.
 *
 * `notes` say what is not in it, or other than here.
 */
export interface ConversationFile {
  file_name: string;
  path: string;
  count: number;
  notes: string[];
}
/**
 * A model, and one more name for it.
 */
export interface CopyParams {
  source: string;
  destination: string;
}
/**
 * A model to be made.
 *
 * `start` says what `source` is: the name of an installed model, the text of a
 * Modelfile, the path of a GGUF file or of a folder with safetensors, or a model of
 * Hugging Face. What is empty is that of what it starts from. `quantize` is a type
 * that the server quantizes to.
 */
export interface CreateParams {
  name: string;
  start: "model" | "modelfile" | "gguf" | "safetensors" | "hub";
  source: string;
  system?: string;
  template?: string;
  license?: string;
  adapter?: string;
  /**
   * @maxItems 200
   */
  parameters?: PairInput[];
  /**
   * @maxItems 1000
   */
  messages?: MessageInput[];
  quantize?: string;
}
/**
 * A parameter of a model, its value as text.
 */
export interface PairInput {
  name: string;
  value: string;
}
/**
 * A message that a model is given.
 */
export interface MessageInput {
  role: "system" | "user" | "assistant";
  content: string;
}
/**
 * A new vault: `password`.
 */
export interface CreateVaultParams {
  sealed: SealedTexts;
}
/**
 * The vault is created and unlocked. `word` judges its password.
 */
export interface CreatedVault {
  word: string;
}
/**
 * The models that could not be deleted; all others are gone.
 */
export interface Deleted {
  failed: NotDeleted[];
}
/**
 * A model that is still there, and why.
 */
export interface NotDeleted {
  model: string;
  error: Failure;
}
/**
 * A session that can be restored by its `name`, and when it was deleted.
 *
 * `title` is what it was called. The name of an encrypted one is its handle. Times are
 * in seconds since the epoch.
 */
export interface DeletedEntry {
  name: string;
  title: string;
  deleted: number;
  encrypted: boolean;
  locked: boolean;
}
/**
 * Whether the turn that was deleted can be put back.
 */
export interface DeletedTurn {
  undo: boolean;
}
/**
 * More of an answer, to be appended to its text or to its thinking.
 */
export interface Delta {
  kind: "text" | "thinking";
  text: string;
}
/**
 * All that is known of a model. A text that it does not have is empty.
 */
export interface DetailsData {
  model: string;
  facts: FactData[];
  capabilities: string[];
  license: string;
  template: string;
  system: string;
  parameters: FactData[];
  modelfile: string;
  messages: MessageData[];
  metadata: FactData[];
  remote: string;
}
/**
 * One fact and its name.
 */
export interface FactData {
  name: string;
  value: string;
}
/**
 * A message that a model has been given.
 */
export interface MessageData {
  role: string;
  content: string;
}
/**
 * What a backup would change, or has changed, by the names of the secrets.
 *
 * `known` is false if the vault is locked: nothing is compared, `added` is all that
 * the backup has. `log` is what is wrong with the backup's log. `kept` is where the
 * vault from before is.
 */
export interface DifferenceData {
  added: string[];
  removed: string[];
  changed: string[];
  same: number;
  known: boolean;
  log: string;
  kept: string;
}
/**
 * The form that is open, kept for a page loaded again; null if none is.
 */
export interface DraftEdit {
  edit?: EditData | null;
}
/**
 * What the form of a prompt says.
 *
 * `of` is the name of the prompt that is edited, "" for a new one; `base` is the
 * version that the form began with.
 */
export interface EditData {
  of: string;
  base: number;
  name: string;
  description: string;
  /**
   * @maxItems 10000
   */
  tags: string[];
  model: string;
  submit: boolean;
  encrypted: boolean;
  /**
   * @maxItems 10000
   */
  messages: PromptText[];
  /**
   * @maxItems 10000
   */
  variables: PromptVariable[];
}
/**
 * A message of a prompt.
 */
export interface PromptText {
  role: "system" | "user" | "assistant";
  text: string;
}
/**
 * What stands in the composer of a tab, for a page loaded again.
 *
 * `tab` is the tab's id; "" is the one that is shown.
 */
export interface DraftParams {
  tab?: string;
  text: string;
}
/**
 * The turn before which more turns are wanted, by its id.
 */
export interface EarlierParams {
  before: number;
}
/**
 * Another question in the place of a turn's; `tab` as for a question.
 */
export interface EditParams {
  tab?: string;
  turn: number;
  text: string;
}
/**
 * All secrets, sorted by name; none while the vault is locked.
 */
export interface EntriesData {
  entries: SecretData[];
}
/**
 * A secret without its value.
 *
 * `created` and `modified` are in seconds since 1970. `export` says whether it is put
 * into the environment while the vault is unlocked, `exportable` whether it may be.
 * `shadowed`: the environment has a value of its own under this name, which comes
 * first. `version` is what a change of it names in `expect`.
 */
export interface SecretData {
  name: string;
  version: number;
  created: number;
  modified: number;
  export: boolean;
  exportable: boolean;
  shadowed: boolean;
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
 * Prompts to be exported, none for all, in the format of a source.
 *
 * Without a `path` the files are sent to the page. Files that are at the path
 * already are replaced only with `overwrite`.
 */
export interface ExportParams {
  /**
   * @maxItems 20000
   */
  names?: string[];
  format: string;
  path?: string;
  overwrite?: boolean;
}
/**
 * A conversation to export, or with "" all.
 *
 * Without a `path` the page downloads the file. `decrypted`: an encrypted one too, in
 * a file that anybody can read. `overwrite`: files that exist are replaced.
 */
export interface ExportSession {
  name?: string;
  format?: "markdown" | "json" | "notebook" | "html";
  path?: string;
  decrypted?: boolean;
  overwrite?: boolean;
}
/**
 * What was exported: the files are at `path`, or in the response's buffer.
 *
 * `existing` are files that are there already; then nothing was written.
 */
export interface ExportedData {
  count: number;
  files: number;
  path: string;
  file_name: string;
  existing: string[];
}
/**
 * A tag or a source, and how many prompts have it.
 */
export interface FacetData {
  name: string;
  title: string;
  count: number;
}
/**
 * What the list can be filtered by, the most frequent first; `total` is of all.
 */
export interface FacetsData {
  tags: FacetData[];
  sources: FacetData[];
  total: number;
}
/**
 * Whether a prompt is one of the favourites.
 */
export interface FavouriteParams {
  name: string;
  favourite: boolean;
}
/**
 * The path of a file on the kernel's machine; "" for the usual one.
 */
export interface FileParams {
  path?: string;
}
/**
 * A session and the folder that it goes into, "" for none.
 */
export interface FileSession {
  name: string;
  folder: string;
}
/**
 * A prompt with values for its variables, and what the user asks with it.
 */
export interface FillParams {
  name: string;
  version?: number | null;
  values?: {
    [k: string]: string;
  };
  text?: string;
}
/**
 * Which prompts are wanted: of those that the place finds, some from `offset`.
 */
export interface FindParams {
  query: string;
  /**
   * @maxItems 50
   */
  tags: string[];
  source?: string | null;
  favourites: boolean;
  open: string;
  offset?: number;
  limit?: number;
}
/**
 * A session to delete; `now` is for good.
 */
export interface ForgetSession {
  name: string;
  now?: boolean;
}
/**
 * Some of the prompts that were found: those from `offset` on, of `total`.
 */
export interface FoundData {
  rows: PromptRowData[];
  offset: number;
  total: number;
}
/**
 * A prompt of the list. `used` and `changed` are in seconds since the epoch.
 */
export interface PromptRowData {
  name: string;
  version: number;
  description: string;
  tags: string[];
  source: string;
  favourite: boolean;
  uses: number;
  used?: number | null;
  changed: number;
  encrypted: boolean;
}
/**
 * A secret of the file: new, there already, or why it cannot be imported.
 *
 * `note` says what is unusual about it, `exported` whether PAR LLAMA puts it into the
 * environment.
 */
export interface FoundSecret {
  name: string;
  state: "new" | "exists" | "skipped";
  note: string;
  exported: boolean;
}
/**
 * What a file holds. The kernel keeps it until it is imported or dropped.
 */
export interface FoundSecrets {
  path: string;
  rows: FoundSecret[];
}
/**
 * What a search found, the best first.
 *
 * `complete` is false while not all sessions are indexed. `locked` is how many could
 * not be searched because they are encrypted.
 */
export interface FoundSessions {
  hits: FoundText[];
  complete: boolean;
  locked: number;
}
/**
 * Where a session has what was looked for; without a `turn`, in its name or tags.
 *
 * `snippet` alternates between text and what was looked for, beginning with text.
 */
export interface FoundText {
  session: string;
  turn?: number | null;
  snippet: string[];
}
/**
 * The turns in which a text is, by their ids, and how often it is there.
 */
export interface FoundTurns {
  turns: number[];
  hits: number;
}
/**
 * An attachment by its id.
 */
export interface HeldParams {
  id: string;
}
/**
 * How the import stands, the last one there was.
 *
 * `job` is the one under way. After "offered" the request `offer` tells what there
 * is; `error` is why the last step failed. When it is "done", the lists hold the
 * names that were added, updated, and added beside others.
 */
export interface ImportData {
  stage: "none" | "reading" | "offered" | "taking" | "done" | "failed";
  id: string;
  source: string;
  title: string;
  location: string;
  job?: JobData | null;
  error?: Failure | null;
  added: string[];
  updated: string[];
  beside: string[];
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
  notice: string;
  error?: Failure | null;
}
/**
 * A source to read; without a `location` it is the source's own.
 */
export interface ImportParams {
  source: string;
  location?: string;
  refresh?: boolean;
}
/**
 * The next bytes of a file of conversations, which come beside it.
 *
 * `id` is the page's own for the file, `size` all of its bytes, `at` how many came
 * before.
 */
export interface ImportPart {
  id: string;
  name: string;
  size: number;
  at: number;
}
/**
 * Import these secrets of the file that was read.
 *
 * `export` marks those for the environment that PAR LLAMA puts there.
 */
export interface ImportSecretsParams {
  /**
   * @maxItems 100000
   */
  names: string[];
  export?: boolean;
}
/**
 * How many secrets were imported.
 */
export interface ImportedSecretsData {
  count: number;
}
/**
 * What an import has done; not `done` means that more of the file is awaited.
 *
 * `present` are the names of conversations that are here already.
 */
export interface ImportedSessions {
  done: boolean;
  added: string[];
  present: string[];
  problems: Untaken[];
}
/**
 * A file of an import that was not read, or not all of it, and why.
 */
export interface Untaken {
  where: string;
  why: string;
}
/**
 * Earlier questions, the newest first.
 */
export interface InputsData {
  inputs: string[];
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
 * The name of a key that is missed; "" for none.
 */
export interface KeyParams {
  name?: string;
}
/**
 * Something a provider cannot do without; `command` mends it, or else `remedy`.
 *
 * A key it lacks has the page as its `url` that gives one.
 */
export interface LackData {
  what: string;
  remedy: string;
  command: string;
  url: string;
}
/**
 * Models of the library, in the order of the site.
 *
 * `fetched` is when they were read, in seconds of the kernel's clock, which is `now`.
 * `note` says in one line why they are not newer, or what could not be read.
 */
export interface LibraryData {
  now: number;
  fetched: number;
  note: string;
  models: LibraryModelData[];
  recommended: RecommendedData[];
}
/**
 * A model of the library. `updated` is in the page's words, `sizes` as "1b".
 */
export interface LibraryModelData {
  name: string;
  description: string;
  capabilities: string[];
  sizes: string[];
  pulls?: number | null;
  tags?: number | null;
  updated: string;
  url: string;
}
/**
 * A model that Ollama recommends; a cloud model may require a subscription.
 */
export interface RecommendedData {
  name: string;
  description: string;
  context_window?: number | null;
  memory?: number | null;
  plan: string;
}
/**
 * Which models of the library: the official ones, or with words those of all users.
 *
 * `refresh` asks the site even if its list is not old.
 */
export interface LibraryParams {
  query?: string;
  sort?: "popular" | "newest";
  refresh?: boolean;
}
/**
 * How a provider's list stands: when it was listed, or why it was not.
 *
 * `listed` is in seconds of the kernel's clock; null means never.
 */
export interface ListState {
  provider: string;
  title: string;
  listing: boolean;
  listed?: number | null;
  failure?: Failure | null;
}
/**
 * The vault has locked or unlocked, or its secrets have changed.
 *
 * Every view hears it, and may ask for what was missing again.
 */
export interface LockData {
  state: "absent" | "locked" | "unlocked";
}
/**
 * Mark a secret for the environment, or remove the mark.
 */
export interface MarkParams {
  name: string;
  export: boolean;
}
/**
 * All of the memory, and what is proposed for it.
 *
 * `working` says what is being made, "" if nothing; `failure` is why the last proposal
 * could not be made, `problem` why the memory cannot be read.
 */
export interface MemoryData {
  text: string;
  revision: number;
  on: boolean;
  can_undo: boolean;
  can_redo: boolean;
  longest: number;
  working: string;
  proposal?: MemoryProposal | null;
  failure?: Failure | null;
  problem?: Failure | null;
}
/**
 * A change that waits for the user.
 *
 * `model` wrote it, "" for none; `note` is why it is not a model's. It is `stale` if
 * the memory was changed since it was made.
 */
export interface MemoryProposal {
  verb: "remember" | "forget";
  wanted: string;
  lines: MemoryLine[];
  model: string;
  note: string;
  stale: boolean;
}
/**
 * A line of a change: removed, added or as before.
 */
export interface MemoryLine {
  mark: "-" | "+" | " ";
  text: string;
}
/**
 * What is typed and not saved, with what it began with; null if nothing is.
 */
export interface MemoryDraft {
  text?: string | null;
  revision?: number;
}
/**
 * All that a page begins with; `memory` is null until it was read.
 */
export interface MemorySnapshot {
  seq: number;
  memory?: MemoryData | null;
  draft?: MemoryDraft | null;
}
/**
 * Something that a text mentions, and what would be sent of it.
 *
 * `picture`: a picture is. `problem` is why nothing is.
 */
export interface MentionData {
  path: string;
  about: string;
  tokens: number;
  picture: boolean;
  problem: string;
}
/**
 * What may follow an `@`; `about` says what it is in a few words.
 */
export interface MentionOffer {
  text: string;
  about: string;
}
/**
 * What may follow an `@`, the best first.
 */
export interface MentionOffers {
  offers: MentionOffer[];
}
/**
 * What was typed after an `@`.
 */
export interface MentionQuery {
  typed: string;
}
/**
 * All that a text mentions, in its order.
 */
export interface MentionsData {
  mentions: MentionData[];
}
/**
 * A text that may mention something of the notebook.
 */
export interface MentionsParams {
  text: string;
}
/**
 * A model that can be chosen. `id` is `provider/model`.
 *
 * `sent_to` is the host that a question goes on to from the provider's server.
 */
export interface ModelEntry {
  id: string;
  sent_to?: string | null;
  context_window?: number | null;
  capabilities: string[];
}
/**
 * A provider's models, as far as they are known.
 *
 * `problem` is why there are none. While `listing` there may come more.
 */
export interface ModelGroup {
  provider: string;
  title: string;
  local: boolean;
  listing: boolean;
  problem: string;
  models: ModelEntry[];
}
/**
 * What is known of models now; more may come as events.
 */
export interface ModelGroups {
  groups: ModelGroup[];
}
/**
 * Several models.
 */
export interface ModelNames {
  /**
   * @maxItems 5000
   */
  models: string[];
}
/**
 * A model as it is named by users: `provider/model`.
 */
export interface ModelParams {
  model: string;
}
/**
 * An installed model. `size` is in bytes, `modified` in seconds since 1970.
 *
 * `remote` is the host on which a cloud model runs, "" for one that runs here.
 * Of the embedded engine's, `downloaded` is false for one that is fetched on use,
 * `state` is "", or "unfinished", "missing" or "changed", and `file_stays` says that
 * deleting the model leaves its file, which is the user's own.
 */
export interface ModelRow {
  id: string;
  provider: string;
  name: string;
  size?: number | null;
  quantization: string;
  family: string;
  parameters: string;
  context_window?: number | null;
  capabilities: string[];
  modified?: number | null;
  loaded: boolean;
  remote: string;
  downloaded: boolean;
  state: string;
  file_stays: boolean;
  digest: string;
}
/**
 * The Modelfile that says what a form says.
 */
export interface ModelfileText {
  text: string;
}
/**
 * Models that are not as they were, and the ids of those that are gone.
 */
export interface ModelsData {
  now: number;
  changed: ModelRow[];
  gone: string[];
  lists: ListState[];
}
/**
 * Whether providers are asked anew for models that are known already.
 */
export interface ModelsParams {
  refresh?: boolean;
}
/**
 * All installed models, and the jobs of local models.
 *
 * `now` is the kernel's clock. `in_panel` says that the view is a tab of the control
 * panel, which has a chat of its own.
 */
export interface ModelsSnapshot {
  seq: number;
  now: number;
  models: ModelRow[];
  lists: ListState[];
  jobs: JobData[];
  place: PlaceData;
  in_panel: boolean;
}
/**
 * Where in the view the user is, so that a page that is loaded anew is there too.
 *
 * `sort` is the key of a column, "" for the order of the providers.
 */
export interface PlaceData {
  segment: "installed" | "running" | "library" | "create";
  sort: string;
  down: boolean;
  filter: string;
}
/**
 * The name of a model, "" for the default one, or of a session.
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
 * All that a source offers.
 *
 * `from_cache` is when it was fetched, in seconds since the epoch, if the network
 * was not reached. Of many problems some are left out; `problem_count` is all.
 */
export interface OfferData {
  origin: string;
  from_cache?: number | null;
  candidates: CandidateData[];
  problems: ProblemData[];
  problem_count: number;
}
/**
 * What could not be read, and why.
 */
export interface ProblemData {
  where: string;
  what: string;
}
/**
 * Which tab's view is wanted.
 */
export interface OpenParams {
  tab: string;
}
/**
 * A session to open in a tab; with a `turn`, such that it shows that one.
 */
export interface OpenSession {
  name: string;
  turn?: number | null;
}
/**
 * The view of a tab is there; the page mounts the model of this id.
 */
export interface Opened {
  model_id: string;
}
/**
 * What questions are asked with from now on.
 */
export interface OptionsParams {
  options: ChatOptions;
}
/**
 * A cell's output, as a MIME bundle; empty while a view is the output.
 */
export interface OutputData {
  data: {
    [k: string]: string;
  };
}
/**
 * All of a panel: its tabs, in order. What is in them are views of their own.
 */
export interface PanelSnapshot {
  seq: number;
  tabs: TabData[];
}
/**
 * One tab of the panel.
 */
export interface TabData {
  name: string;
  title: string;
}
/**
 * The next bytes of a file, which come beside it; `at` is how many came before.
 */
export interface PartParams {
  id: string;
  at: number;
}
/**
 * Another password: `old`, `new`.
 */
export interface PasswordParams {
  sealed: SealedTexts;
}
/**
 * Where the picked answer is now; turns count from 1.
 */
export interface Picked {
  session: string;
  turn: number;
}
/**
 * An image that comes beside it, made small; "" if it could not be.
 */
export interface Picture {
  media_type: string;
}
/**
 * Images, in order: the bytes of each come as a buffer.
 */
export interface PicturesData {
  pictures: Picture[];
}
/**
 * A session, and whether lists begin with it.
 */
export interface PinSession {
  name: string;
  pinned: boolean;
}
/**
 * A question that is not asked yet, "" for none.
 *
 * With a `prompt` the chosen prompt would ask. `attachments` are ids.
 */
export interface PreviewParams {
  text: string;
  prompt?: PromptValues | null;
  /**
   * @maxItems 100
   */
  attachments?: string[];
}
/**
 * Values for the variables of the chosen prompt, by their names.
 */
export interface PromptValues {
  values: {
    [k: string]: string;
  };
}
/**
 * The job is over. `text` is what it gave, as Markdown.
 */
export interface ProgressEnd {
  state: "running" | "done" | "stopped" | "failed";
  seconds: number;
  text: string;
  error?: Failure | null;
}
/**
 * All of a progress view.
 *
 * `phases` are those before the one that `progress` is of, `seconds` how long the job
 * has been at it or took.
 */
export interface ProgressSnapshot {
  seq: number;
  state: "running" | "done" | "stopped" | "failed";
  title: string;
  seconds: number;
  phases: string[];
  progress?: ProgressData | null;
  notices: string[];
  text: string;
  error?: Failure | null;
}
/**
 * A prompt of the library that can be chosen.
 */
export interface PromptChoice {
  name: string;
  description: string;
  favourite: boolean;
  encrypted: boolean;
}
/**
 * The prompts that a query finds, the best first; `total` is how many there are.
 */
export interface PromptChoices {
  prompts: PromptChoice[];
  total: number;
}
/**
 * All of a prompt in one version; `versions` are all it has, the newest first.
 *
 * `undeclared` are names in double braces that are no variables.
 */
export interface PromptData {
  name: string;
  version: number;
  description: string;
  tags: string[];
  source: string;
  favourite: boolean;
  uses: number;
  used?: number | null;
  changed: number;
  encrypted: boolean;
  shown: number;
  messages: PromptText[];
  variables: PromptVariable[];
  model: string;
  submit: boolean;
  undeclared: string[];
  versions: PromptVersionData[];
}
/**
 * A version; `created` is in seconds since the epoch.
 */
export interface PromptVersionData {
  version: number;
  created: number;
}
/**
 * A prompt by its name.
 */
export interface PromptName {
  name: string;
}
/**
 * Several prompts by their names.
 */
export interface PromptNames {
  /**
   * @maxItems 10000
   */
  names: string[];
}
/**
 * Where in the view the user is, so that a page that is loaded anew is there too.
 *
 * `source` is where prompts were imported from, "" is written here, null is any.
 * `open` is the name of the prompt that is shown.
 */
export interface PromptPlace {
  query: string;
  /**
   * @maxItems 50
   */
  tags: string[];
  source?: string | null;
  favourites: boolean;
  open: string;
}
/**
 * What prompts of the library are looked for by; "" is the first of all.
 */
export interface PromptQuery {
  query: string;
}
/**
 * A chat with a prompt: in the panel's own tab, or in the view with this id.
 */
export interface PromptUsed {
  session: string;
  model_id: string;
  sent: boolean;
}
/**
 * The library is not as it was; `revision` counts its changes.
 */
export interface PromptsData {
  revision: number;
}
/**
 * All that a page begins with; `found` and `facets` are null if nobody asked yet.
 *
 * `now` is the kernel's clock. `in_panel` says that the view is a tab of the control
 * panel, which has a chat of its own.
 */
export interface PromptsSnapshot {
  seq: number;
  revision: number;
  now: number;
  place: PromptPlace;
  found?: FoundData | null;
  facets?: FacetsData | null;
  draft?: EditData | null;
  importing: ImportData;
  in_panel: boolean;
}
/**
 * A provider as it stands.
 *
 * `address` is where it is and `source` where that is set: "setting", the name of an
 * environment variable, or "" for the default. `key` says in a few words where its key
 * comes from, `key_names` are the names it is looked for under, and `missing_key` is
 * the one to store a missing key under. `models` is how many were listed at `listed`,
 * in seconds of the kernel's clock; null means never. `failure` is why they could not
 * be listed since. `settings` are all settings but whether it is enabled.
 */
export interface ProviderData {
  name: string;
  title: string;
  local: boolean;
  enabled: boolean;
  address: string;
  source: string;
  key: string;
  key_names: string[];
  missing_key: string;
  keys_url: string;
  lacks: LackData[];
  models: number;
  listed?: number | null;
  failure?: Failure | null;
  settings: SettingData[];
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
 *
 * It is sent whoever made the change. `locked`: the vault, which may have keys.
 */
export interface ProvidersData {
  now: number;
  changed: ProviderData[];
  locked: boolean;
  problem?: Failure | null;
}
/**
 * All providers. `keys_belong` says where keys are kept, `locked` is as above.
 */
export interface ProvidersSnapshot {
  seq: number;
  now: number;
  providers: ProviderData[];
  keys_belong: string;
  locked: boolean;
  problem?: Failure | null;
}
/**
 * A type to quantize to. `bits` are per weight, `size` in bytes and estimated.
 *
 * A `native` one the Ollama server makes itself.
 */
export interface QuantizeChoice {
  name: string;
  bits: number;
  description: string;
  size?: number | null;
  native: boolean;
}
/**
 * What to quantize, to which type, and where it goes.
 *
 * `target` is a name for Ollama or for the embedded engine, or the path of a file.
 */
export interface QuantizeParams {
  source: string;
  type: string;
  place: "ollama" | "embedded" | "file";
  target: string;
}
/**
 * What a model can be quantized to, the largest first. `base` is what it is now.
 */
export interface QuantizeTypes {
  base: string;
  size?: number | null;
  types: QuantizeChoice[];
}
/**
 * An installed model, as it is named by users, or the path of a GGUF file.
 */
export interface QuantizeTypesParams {
  source: string;
}
/**
 * Read a file: its `password`, if it has one.
 */
export interface ReadSecretsParams {
  path: string;
  sealed?: SealedTexts | null;
}
/**
 * Remove a secret if it has this version.
 */
export interface RemoveSecretParams {
  name: string;
  expect: number;
}
/**
 * A session and its new name.
 */
export interface RenameSession {
  name: string;
  new: string;
}
/**
 * A prompt with its variables filled, as far as they have values.
 *
 * `missing` are the variables that need one. `cell` asks the same in a cell; a
 * value of several lines is not in it, and its variable in `left_out`.
 */
export interface RenderedData {
  messages: PromptText[];
  missing: string[];
  cell: string;
  left_out: string[];
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
 * Compare a backup with the vault, or with `apply` put it back: its `password`.
 */
export interface RestoreParams {
  path: string;
  sealed: SealedTexts;
  apply?: boolean;
}
/**
 * A turn whose question is asked again; `tab` is as for a question.
 *
 * `model` is another model to ask, "" the one of the session. `temperature` is one for
 * this answer, None that of the session.
 */
export interface RetryParams {
  tab?: string;
  turn: number;
  model?: string;
  temperature?: number | null;
}
/**
 * Ask for a value, sealed under the view's own key: a point of P-256, in base64.
 */
export interface RevealSecretParams {
  name: string;
  public_key: string;
}
/**
 * The value, sealed by HPKE for the request `reveal/NAME`; base64.
 */
export interface RevealedValue {
  sealed: string;
}
/**
 * A change of the memory as the page shows it.
 */
export interface RevisionParams {
  revision: number;
}
/**
 * What to remember or to forget; with `plain`, without a model.
 */
export interface RewriteParams {
  verb: "remember" | "forget";
  text: string;
  plain?: boolean;
}
/**
 * A model in memory. Sizes are in bytes, `until` in seconds of the kernel's clock.
 *
 * `processor` says in words where it runs; `gpu` is the share on a GPU, from 0 to 1.
 */
export interface RunningData {
  id: string;
  name: string;
  provider: string;
  size?: number | null;
  gpu?: number | null;
  processor: string;
  context_window?: number | null;
  until?: number | null;
}
/**
 * The models in memory; `problem` says why a server did not tell.
 */
export interface RunningModels {
  now: number;
  models: RunningData[];
  problem?: Failure | null;
}
/**
 * A new memory; with `over` on top of what was changed elsewhere meanwhile.
 */
export interface SaveMemoryParams {
  revision: number;
  text: string;
  over?: boolean;
}
/**
 * A prompt to be saved; with `over` on top of what was saved elsewhere.
 */
export interface SaveParams {
  edit: EditData;
  over?: boolean;
}
/**
 * How the questions of the conversation become a prompt of the library.
 *
 * Without a `name` it is called as the conversation. `answers` are part of it.
 * `submit`: a chat sends it once it is chosen.
 */
export interface SavePrompt {
  name?: string;
  answers?: boolean;
  submit?: boolean;
}
/**
 * What a prompt is called now, and its version.
 */
export interface SavedData {
  name: string;
  version: number;
}
/**
 * The name of a prompt that was added to the library.
 */
export interface SavedPrompt {
  name: string;
}
/**
 * The kernel's public key for one message: a point of P-256, uncompressed.
 */
export interface SealingKey {
  key: string;
  public_key: string;
}
/**
 * The file that would be imported, and whether it has a password of its own.
 */
export interface SecretsFile {
  path: string;
  password: boolean;
}
/**
 * A question. The response comes when its turn has begun.
 *
 * With a `prompt` the chosen prompt asks; it may need no text. `attachments` are ids
 * of what the composer holds. `tab` is the id of the tab that it is asked in; "" is
 * the one that is shown.
 */
export interface SendParams {
  tab?: string;
  text: string;
  prompt?: PromptValues | null;
  /**
   * @maxItems 100
   */
  attachments?: string[];
}
/**
 * What would be sent, without secrets.
 *
 * `tokens` are in words. `skipped` messages after the first one are in the body alone.
 * `size` of the body is in bytes; an `exact` one is what is sent, byte for byte.
 */
export interface SentData {
  model: string;
  host: string;
  tokens: string;
  facts: SentFact[];
  warnings: string[];
  messages: SentMessage[];
  skipped: number;
  headers: SentFact[];
  body: string;
  size: number;
  exact: boolean;
}
/**
 * A fact of a request, or a header, by its name.
 */
export interface SentFact {
  name: string;
  value: string;
}
/**
 * A message: its place in the request, counted from 1, and a line per image.
 */
export interface SentMessage {
  number: number;
  role: string;
  text: string;
  attached: string[];
}
/**
 * A session that can be opened. Times are in seconds since the epoch.
 *
 * A `locked` one has a name that says nothing, and neither folder nor tags.
 */
export interface SessionEntry {
  name: string;
  used: number;
  turns: number;
  created: number;
  model?: string | null;
  folder: string;
  tags: string[];
  pinned: boolean;
  encrypted: boolean;
  locked: boolean;
}
/**
 * A session by its name.
 */
export interface SessionName {
  name: string;
}
/**
 * What is looked for in all sessions.
 */
export interface SessionQuery {
  query: string;
}
/**
 * All sessions that can be opened, and those that can be restored.
 */
export interface SessionsData {
  sessions: SessionEntry[];
  deleted: DeletedEntry[];
}
/**
 * A setting and its new value; None gives it its default back.
 */
export interface SetParams {
  key: string;
  value: string | boolean | number | null;
}
/**
 * Store a secret: `value`.
 *
 * `expect` is the version it must have, 0 if it must not exist. `export` null leaves
 * the mark as it is.
 */
export interface SetSecretParams {
  name: string;
  sealed: SealedTexts;
  expect: number;
  export?: boolean | null;
}
/**
 * New values by their keys, and what is wrong with the file now, if anything.
 *
 * It is sent whoever made the change.
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
  description: string;
  settings: SettingData[];
}
/**
 * All settings, and where they are kept.
 */
export interface SettingsSnapshot {
  seq: number;
  groups: SettingsGroup[];
  path: string;
  problem?: Failure | null;
}
/**
 * How an answer ended. Its text is what the deltas gave.
 */
export interface Settled {
  state:
    "idle" | "waiting" | "streaming" | "done" | "stopped" | "failed" | "unfinished";
  footer: string;
  error?: Failure | null;
}
/**
 * A tab by its id.
 */
export interface ShowTab {
  id: string;
}
/**
 * A command. `arguments` is how help shows them; optional ones are in brackets.
 *
 * A `question` is asked before, and `decision` says yes to it. With `offers` the
 * request `complete` knows what its argument may be.
 */
export interface SlashData {
  name: string;
  arguments: string;
  help: string;
  aliases: string[];
  group: string;
  question: string;
  decision: string;
  offers: boolean;
}
/**
 * All commands, in the order in which help shows them.
 */
export interface SlashTable {
  commands: SlashData[];
}
/**
 * All that a view shows. `seq` is that of the last event it already holds.
 *
 * It is the result of `hello` and `snapshot`. The first event may be a snapshot that
 * nobody asked for: the kernel sends it when no hello came in time.
 */
export interface Snapshot {
  seq: number;
}
/**
 * A source of prompts; `location` says in words what a location of it is.
 */
export interface SourceData {
  name: string;
  title: string;
  location: string;
  needs_location: boolean;
  writes: boolean;
}
/**
 * The sources that prompts can be imported from or exported to.
 */
export interface SourcesData {
  sources: SourceData[];
}
/**
 * The job that was started, or that does the same already.
 */
export interface Started {
  job_id: string;
}
/**
 * Which column is to stop; without one, all.
 */
export interface StopParams {
  column?: number | null;
}
/**
 * Whether new conversations get the memory.
 */
export interface SwitchParams {
  on: boolean;
}
/**
 * A tab that is to be shown, as what is in another one asks for.
 */
export interface TabChosen {
  name: string;
}
/**
 * A tag of a model. `fit` says roughly whether it fits into memory, and why.
 */
export interface TagData {
  name: string;
  size?: number | null;
  context_window?: number | null;
  inputs: string[];
  updated: string;
  digest: string;
  is_latest: boolean;
  fit: "yes" | "slowly" | "no" | "";
  reason: string;
}
/**
 * A session and all its tags.
 */
export interface TagSession {
  name: string;
  /**
   * @maxItems 100
   */
  tags: string[];
}
/**
 * The tags of a model, in the order of the site.
 */
export interface TagsData {
  now: number;
  fetched: number;
  note: string;
  tags: TagData[];
}
/**
 * A model of the library whose tags are wanted.
 */
export interface TagsParams {
  name: string;
  refresh?: boolean;
}
/**
 * The candidates to import, by their names at the source.
 */
export interface TakeParams {
  /**
   * @maxItems 20000
   */
  names: string[];
}
/**
 * How many seconds they took, all asked at the same time.
 */
export interface Tested {
  seconds: number;
}
/**
 * A model to pull or to push; `insecure` allows a registry without TLS.
 */
export interface TransferParams {
  model: string;
  insecure?: boolean;
}
/**
 * More of a turn's answer.
 */
export interface TurnDelta {
  kind: "text" | "thinking";
  text: string;
  turn: number;
}
/**
 * One line the user should know while waiting for a turn.
 */
export interface TurnNotice {
  text: string;
  turn: number;
}
/**
 * A turn by its id.
 */
export interface TurnParams {
  turn: number;
}
/**
 * How far the slow step before a turn's answer is.
 */
export interface TurnProgress {
  phase: string;
  done: number;
  total?: number | null;
  unit: "bytes" | "items" | "";
  rate?: number | null;
  eta?: number | null;
  layers?: LayerData[] | null;
  percent?: number | null;
  turn: number;
}
/**
 * What is looked for in the turns of the session, whatever its case.
 */
export interface TurnQuery {
  query: string;
}
/**
 * How a turn's answer ended; `cut` as for a turn.
 */
export interface TurnSettled {
  state:
    "idle" | "waiting" | "streaming" | "done" | "stopped" | "failed" | "unfinished";
  footer: string;
  error?: Failure | null;
  turn: number;
  cut: boolean;
}
/**
 * All of a turn, of which a page may have the beginning only.
 */
export interface TurnText {
  question: string;
  text: string;
  thinking: string;
}
/**
 * Turns that come before one that a page has.
 */
export interface TurnsData {
  turns: TurnData[];
}
/**
 * Turns that are no longer there, by their ids.
 */
export interface TurnsGone {
  turns: number[];
}
/**
 * `sealed` has the vault's `password`.
 *
 * `older` accepts a file that the user has put back on purpose. `name` is that of the
 * key that is missed, "" for none.
 */
export interface UnlockParams {
  sealed: SealedTexts;
  older?: boolean;
  name?: string;
}
/**
 * Whether a registry has a newer model of this name; null if it does not tell.
 *
 * `note` says why it does not.
 */
export interface UpdateData {
  model: string;
  available?: boolean | null;
  note: string;
}
/**
 * What the registries say of some models.
 */
export interface Updates {
  models: UpdateData[];
}
/**
 * A file that the page is about to send; `size` is in bytes.
 *
 * `tab` is the id of the tab that it is attached in; "" is the one that is shown.
 */
export interface UploadParams {
  tab?: string;
  name: string;
  size: number;
}
/**
 * The name of the file in the response's buffer, and the requests that it has.
 */
export interface UsageCsv {
  file_name: string;
  count: number;
}
/**
 * What was sent in a period.
 *
 * `times` are its days, or its months if they are many, all of them in order;
 * `hosts` are those that it left this machine for.
 */
export interface UsageData {
  total: UsageRow;
  times: UsageRow[];
  rows: UsageRow[];
  hosts: UsageRow[];
  by_month: boolean;
}
/**
 * The sums of some requests; `name` is what they have in common, "" for nothing.
 *
 * `cost` is in US dollars; `unpriced` requests left this machine, and no cost of them
 * is known.
 */
export interface UsageRow {
  name: string;
  requests: number;
  failed: number;
  bytes: number;
  attachments: number;
  input_tokens: number;
  output_tokens: number;
  cost: number;
  unpriced: number;
}
/**
 * A period that ends now, and what to sum by.
 */
export interface UsageParams {
  span?: "today" | "7d" | "month" | "30d" | "90d" | "year" | "all";
  by?: "model" | "provider" | "notebook" | "conversation" | "purpose";
}
/**
 * The budget; requests and sums are asked for.
 */
export interface UsageSnapshot {
  seq: number;
  budget?: BudgetData | null;
}
/**
 * A prompt to be used in a chat; with `send` it is asked at once.
 */
export interface UseParams {
  name: string;
  version?: number | null;
  values?: {
    [k: string]: string;
  };
  text?: string;
  send?: boolean;
}
/**
 * The value that a setting has now.
 */
export interface ValueData {
  value?: string | boolean | number | null;
}
/**
 * Whether there is a vault and whether it is unlocked.
 *
 * `found`: the key that is missed is there now.
 */
export interface VaultData {
  state: "absent" | "locked" | "unlocked";
  found: boolean;
}
/**
 * All that the view shows; `key_names` are the usual names of models' keys.
 */
export interface VaultSnapshot {
  state: "absent" | "locked" | "unlocked";
  left?: number | null;
  idle?: number | null;
  absolute?: number | null;
  wait: number;
  why_locked: string;
  warning: string;
  place: string;
  network: boolean;
  problem?: Failure | null;
  seq: number;
  entries: SecretData[];
  key_names: string[];
}
/**
 * The state has changed.
 */
export interface VaultStateData {
  state: "absent" | "locked" | "unlocked";
  left?: number | null;
  idle?: number | null;
  absolute?: number | null;
  wait: number;
  why_locked: string;
  warning: string;
  place: string;
  network: boolean;
  problem?: Failure | null;
}
/**
 * A prompt, in its last version or in another one.
 */
export interface VersionParams {
  name: string;
  version?: number | null;
}
/**
 * What every view can be asked: parameters and result by the request's name, null
 * where there are none.
 */
export interface ViewRequests {
  hello: [null, Snapshot];
  left: [null, null];
  asset: [AssetParams, AssetData];
  vault: [KeyParams, VaultData];
  sealing_key: [null, SealingKey];
  unlock: [UnlockParams, VaultData];
  add_key: [AddKeyParams, null];
  snapshot: [null, Snapshot];
}
export interface AnswerRequests extends ViewRequests {
  hello: [null, AnswerSnapshot];
  snapshot: [null, AnswerSnapshot];
  stop: [null, null];
  output: [null, OutputData];
  again: [null, null];
}
export type AnswerFact =
  | { event: "snapshot"; data: AnswerSnapshot }
  | { event: "delta"; data: Delta }
  | { event: "notice"; data: NoticeData }
  | { event: "progress"; data: ProgressData }
  | { event: "settled"; data: Settled }
  | { event: "lock"; data: LockData };
export interface ChatRequests extends ViewRequests {
  hello: [null, ChatSnapshot];
  snapshot: [null, ChatSnapshot];
  stop: [null, null];
  models: [ModelsParams, ModelGroups];
  retry: [RetryParams, null];
  continue: [ContinueParams, null];
  edit: [EditParams, null];
  amend: [AmendParams, null];
  show: [TurnParams, null];
  delete: [TurnParams, DeletedTurn];
  undelete: [null, null];
  read: [TurnParams, TurnText];
  turn: [TurnParams, TurnData];
  earlier: [EarlierParams, TurnsData];
  find: [TurnQuery, FoundTurns];
  set_model: [NameParams, null];
  set_options: [OptionsParams, null];
  new: [null, null];
  open: [OpenSession, null];
  show_tab: [ShowTab, null];
  close_tab: [ShowTab, null];
  rename: [NameParams, null];
  encrypt: [null, null];
  decrypt: [null, null];
  remove: [null, null];
  sessions: [null, SessionsData];
  search_sessions: [SessionQuery, FoundSessions];
  rename_session: [RenameSession, null];
  file_session: [FileSession, null];
  tag_session: [TagSession, null];
  pin_session: [PinSession, null];
  duplicate_session: [SessionName, SessionName];
  encrypt_session: [SessionName, null];
  decrypt_session: [SessionName, null];
  forget_session: [ForgetSession, null];
  restore_session: [SessionName, SessionName];
  send: [SendParams, null];
  preview: [PreviewParams, SentData];
  prompts: [PromptQuery, PromptChoices];
  choose_prompt: [NameParams, null];
  turn_pictures: [TurnParams, PicturesData];
  inputs: [null, InputsData];
  draft: [DraftParams, null];
  upload: [UploadParams, AttachedId];
  upload_part: [PartParams, null];
  attach: [AttachParams, AttachedId];
  detach: [HeldParams, null];
  picture: [HeldParams, PicturesData];
  commands: [null, SlashTable];
  complete: [CommandParams, CommandOptions];
  command: [CommandParams, CommandDone];
  export_session: [ExportSession, ConversationFile];
  import_part: [ImportPart, ImportedSessions];
  summarise: [null, null];
  name_by_model: [null, SessionName];
  save_prompt: [SavePrompt, SavedPrompt];
  names: [MentionQuery, MentionOffers];
  mentions: [MentionsParams, MentionsData];
}
export type ChatFact =
  | { event: "snapshot"; data: ChatSnapshot }
  | { event: "turn"; data: TurnData }
  | { event: "delta"; data: TurnDelta }
  | { event: "notice"; data: TurnNotice }
  | { event: "progress"; data: TurnProgress }
  | { event: "settled"; data: TurnSettled }
  | { event: "removed"; data: TurnsGone }
  | { event: "session"; data: SessionData }
  | { event: "models"; data: ModelGroup }
  | { event: "default"; data: DefaultModel }
  | { event: "prompt"; data: ChosenPrompt }
  | { event: "tabs"; data: ChatTabs }
  | { event: "attachments"; data: AttachmentsData }
  | { event: "lock"; data: LockData };
export interface CompareRequests extends ViewRequests {
  hello: [null, CompareSnapshot];
  snapshot: [null, CompareSnapshot];
  stop: [StopParams, null];
  output: [null, OutputData];
  rerun: [ColumnParams, null];
  pick: [ColumnParams, Picked];
  remove: [ColumnParams, null];
  add: [AddParams, null];
  ask: [SendParams, null];
  preview: [ColumnPreviewParams, SentData];
  models: [ModelsParams, ModelGroups];
  chat: [ColumnParams, ChatShown];
}
export type CompareFact =
  | { event: "snapshot"; data: CompareSnapshot }
  | { event: "column"; data: ColumnData }
  | { event: "settled"; data: ColumnSettled }
  | { event: "deltas"; data: CompareDeltas }
  | { event: "waits"; data: ColumnWaitsData }
  | { event: "removed"; data: ColumnGone }
  | { event: "models"; data: ModelGroup }
  | { event: "notice"; data: NoticeData }
  | { event: "lock"; data: LockData };
export interface JobsRequests extends ViewRequests {
  hello: [null, JobsSnapshot];
  snapshot: [null, JobsSnapshot];
  cancel: [CancelParams, null];
  cancel_all: [null, null];
  clear: [null, Cleared];
}
export type JobsFact =
  | { event: "snapshot"; data: JobsSnapshot }
  | { event: "jobs"; data: JobsData }
  | { event: "lock"; data: LockData };
export interface MemoryRequests extends ViewRequests {
  hello: [null, MemorySnapshot];
  snapshot: [null, MemorySnapshot];
  switch: [SwitchParams, null];
  save: [SaveMemoryParams, MemoryData];
  undo: [RevisionParams, MemoryData];
  redo: [RevisionParams, MemoryData];
  draft: [MemoryDraft, null];
  rewrite: [RewriteParams, null];
  stop: [null, null];
  accept: [null, MemoryData];
  reject: [null, MemoryData];
}
export type MemoryFact =
  | { event: "snapshot"; data: MemorySnapshot }
  | { event: "memory"; data: MemoryData }
  | { event: "lock"; data: LockData };
export interface ModelsRequests extends ViewRequests {
  hello: [null, ModelsSnapshot];
  snapshot: [null, ModelsSnapshot];
  refresh: [null, null];
  place: [PlaceData, null];
  pull: [TransferParams, Started];
  push: [TransferParams, Started];
  load: [ModelParams, Started];
  create: [CreateParams, Started];
  modelfile: [CreateParams, ModelfileText];
  quantize_types: [QuantizeTypesParams, QuantizeTypes];
  quantize: [QuantizeParams, Started];
  add_embedded: [AddEmbeddedParams, Started];
  cancel: [CancelParams, null];
  unload: [ModelParams, null];
  copy: [CopyParams, null];
  delete: [ModelNames, Deleted];
  details: [ModelParams, DetailsData];
  running: [null, RunningModels];
  library: [LibraryParams, LibraryData];
  tags: [TagsParams, TagsData];
  updates: [ModelNames, Updates];
  chat: [ModelParams, ChatOpened];
}
export type ModelsFact =
  | { event: "snapshot"; data: ModelsSnapshot }
  | { event: "models"; data: ModelsData }
  | { event: "jobs"; data: JobsData }
  | { event: "lock"; data: LockData };
export interface PanelRequests extends ViewRequests {
  hello: [null, PanelSnapshot];
  snapshot: [null, PanelSnapshot];
  open: [OpenParams, Opened];
}
export type PanelFact =
  | { event: "snapshot"; data: PanelSnapshot }
  | { event: "tab"; data: TabChosen }
  | { event: "lock"; data: LockData };
export interface ProgressRequests extends ViewRequests {
  hello: [null, ProgressSnapshot];
  snapshot: [null, ProgressSnapshot];
  stop: [null, null];
  output: [null, OutputData];
}
export type ProgressFact =
  | { event: "snapshot"; data: ProgressSnapshot }
  | { event: "progress"; data: ProgressData }
  | { event: "notice"; data: NoticeData }
  | { event: "ended"; data: ProgressEnd }
  | { event: "lock"; data: LockData };
export interface PromptsRequests extends ViewRequests {
  hello: [null, PromptsSnapshot];
  snapshot: [null, PromptsSnapshot];
  find: [FindParams, FoundData];
  facets: [null, FacetsData];
  place: [PromptPlace, null];
  prompt: [VersionParams, PromptData];
  render: [FillParams, RenderedData];
  use: [UseParams, PromptUsed];
  favourite: [FavouriteParams, null];
  duplicate: [PromptName, SavedData];
  revert: [VersionParams, SavedData];
  delete: [PromptNames, PromptNames];
  restore: [PromptNames, PromptNames];
  save: [SaveParams, SavedData];
  draft: [DraftEdit, null];
  models: [ModelsParams, ModelGroups];
  sources: [null, SourcesData];
  import: [ImportParams, ImportData];
  offer: [null, OfferData];
  beside: [CandidateParams, BesideData];
  take: [TakeParams, ImportData];
  stop_import: [null, null];
  forget_import: [null, null];
  export: [ExportParams, ExportedData];
}
export type PromptsFact =
  | { event: "snapshot"; data: PromptsSnapshot }
  | { event: "prompts"; data: PromptsData }
  | { event: "jobs"; data: JobsData }
  | { event: "import"; data: ImportData }
  | { event: "models"; data: ModelGroup }
  | { event: "lock"; data: LockData };
export interface ProvidersRequests extends ViewRequests {
  hello: [null, ProvidersSnapshot];
  snapshot: [null, ProvidersSnapshot];
  set: [SetParams, ValueData];
  test: [ProviderNames, Tested];
}
export type ProvidersFact =
  | { event: "snapshot"; data: ProvidersSnapshot }
  | { event: "providers"; data: ProvidersData }
  | { event: "lock"; data: LockData };
export interface SettingsRequests extends ViewRequests {
  hello: [null, SettingsSnapshot];
  snapshot: [null, SettingsSnapshot];
  set: [SetParams, ValueData];
  reset: [ResetParams, null];
  models: [ModelsParams, ModelGroups];
}
export type SettingsFact =
  | { event: "snapshot"; data: SettingsSnapshot }
  | { event: "settings"; data: SettingsData }
  | { event: "models"; data: ModelGroup }
  | { event: "lock"; data: LockData };
export interface UsageRequests extends ViewRequests {
  hello: [null, UsageSnapshot];
  snapshot: [null, UsageSnapshot];
  usage: [UsageParams, UsageData];
  csv: [UsageParams, UsageCsv];
  set: [SetParams, ValueData];
}
export type UsageFact =
  | { event: "snapshot"; data: UsageSnapshot }
  | { event: "budget"; data: BudgetData }
  | { event: "lock"; data: LockData };
export interface VaultRequests extends ViewRequests {
  hello: [null, VaultSnapshot];
  snapshot: [null, VaultSnapshot];
  create: [CreateVaultParams, CreatedVault];
  lock: [null, null];
  change_password: [PasswordParams, CreatedVault];
  set: [SetSecretParams, null];
  reveal: [RevealSecretParams, RevealedValue];
  remove: [RemoveSecretParams, null];
  mark: [MarkParams, null];
  audit: [AuditParams, AuditData];
  backup: [FileParams, BackupMade];
  backups: [null, BackupsData];
  restore: [RestoreParams, DifferenceData];
  import_file: [FileParams, SecretsFile];
  import_read: [ReadSecretsParams, FoundSecrets];
  import: [ImportSecretsParams, ImportedSecretsData];
  import_drop: [null, null];
}
export type VaultFact =
  | { event: "snapshot"; data: VaultSnapshot }
  | { event: "vault"; data: VaultStateData }
  | { event: "entries"; data: EntriesData }
  | { event: "lock"; data: LockData };
