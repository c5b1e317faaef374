// Whole values of the protocol, as the kernel sends them, and facts told in pairs.
import type {
  AnswerData,
  ColumnData,
  JobData,
  LackData,
  ModelGroup,
  ModelRow,
  ProgressData,
  PromptData,
  PromptRowData,
  ProviderData,
  SecretData,
  SessionData,
  SettingData,
  SettingsGroup,
  TurnData,
  VaultStateData,
} from "../src/protocol";

/** A fact as a pair; `fact` makes one of it. */
export type Told<F> = F extends { event: infer E; data: infer D }
  ? [event: E, data: D]
  : F extends { event: infer E }
    ? [event: E]
    : never;

export const fact = <F>([event, data]: Told<F>) => ({ event, data }) as F;

export const progress = (more: Partial<ProgressData> = {}): ProgressData => ({
  phase: "",
  done: 0,
  unit: "",
  ...more,
});

export const answer: AnswerData = {
  state: "waiting",
  text: "",
  thinking: "",
  notice: "",
  footer: "",
};

export const turn = (id: number, more: Partial<TurnData> = {}): TurnData => ({
  ...answer,
  id,
  created: id,
  state: "done",
  model: "m",
  question: `q${id}`,
  question_length: 2,
  attachments: [],
  cell: false,
  alternatives: [],
  edited: false,
  cut: false,
  text: `a${id}`,
  ...more,
});

export const session = (more: Partial<SessionData> = {}): SessionData => ({
  name: "s",
  option: "",
  provider: "",
  options: {},
  encrypted: false,
  locked: "",
  answering: false,
  turns: 0,
  left_out: "",
  ...more,
});

export const column = (id: number, more: Partial<ColumnData> = {}): ColumnData => ({
  ...answer,
  id,
  model: `fake/m${id}`,
  asked_s: 1,
  picked: false,
  ending: "",
  ...more,
});

export const group = (more: Partial<ModelGroup> = {}): ModelGroup => ({
  provider: "a",
  title: "A",
  local: false,
  listing: false,
  problem: "",
  models: [],
  ...more,
});

export const model = (id: string) => ({ id, capabilities: [] });

export const job = (id: number, more: Partial<JobData> = {}): JobData => ({
  id: String(id),
  title: `job ${id}`,
  state: "running",
  seconds: 1,
  notice: "",
  ...more,
});

export const setting = (key: string, more: Partial<SettingData> = {}): SettingData => ({
  key,
  title: key,
  description: "",
  kind: "text",
  optional: false,
  choices: [],
  ...more,
});

export const settingsGroup = (
  name: string,
  settings: SettingData[],
): SettingsGroup => ({ name, title: name, description: "", settings });

export const lack = (what: string): LackData => ({
  what,
  remedy: "",
  command: "",
  url: "",
});

export const provider = (
  name: string,
  more: Partial<ProviderData> = {},
): ProviderData => ({
  name,
  title: name.charAt(0).toUpperCase() + name.slice(1),
  local: false,
  enabled: true,
  address: "",
  source: "",
  key: "None.",
  key_names: [],
  missing_key: "",
  keys_url: "",
  lacks: [],
  models: 0,
  settings: [],
  ...more,
});

export const modelRow = (name: string, more: Partial<ModelRow> = {}): ModelRow => ({
  id: `ollama/${name}`,
  provider: "ollama",
  name,
  size: 1e9,
  quantization: "Q4_K_M",
  family: "llama",
  parameters: "1B",
  context_window: 8192,
  capabilities: ["completion"],
  modified: 1000,
  loaded: false,
  remote: "",
  downloaded: true,
  state: "",
  file_stays: false,
  digest: name,
  ...more,
});

export const promptRow = (
  name: string,
  more: Partial<PromptRowData> = {},
): PromptRowData => ({
  name,
  version: 1,
  description: "",
  tags: [],
  source: "",
  favourite: false,
  uses: 0,
  changed: 1000,
  encrypted: false,
  ...more,
});

export const promptData = (
  name: string,
  more: Partial<PromptData> = {},
): PromptData => ({
  ...promptRow(name),
  shown: more.version ?? 1,
  messages: [],
  variables: [],
  model: "",
  submit: false,
  undeclared: [],
  versions: [],
  ...more,
});

export const secret = (name: string, more: Partial<SecretData> = {}): SecretData => ({
  name,
  version: 1,
  created: 0,
  modified: 0,
  export: false,
  exportable: true,
  shadowed: false,
  ...more,
});

export const vaultState = (more: Partial<VaultStateData> = {}): VaultStateData => ({
  state: "locked",
  wait: 0,
  why_locked: "",
  warning: "",
  place: "/srv/ada/vault.db",
  network: false,
  ...more,
});
