// A kernel's side of the prompt library, small enough to be read at once.
const NOW = 1_800_000_000;
const TAGS = ["summarize", "write", "analyze", "code", "extract", "translate", "plan", "review", "learn", "mail"];

const prompt = (name, more = {}) => ({
  name,
  version: 1,
  description: `Does what ${name} says, in a few plain words.`,
  tags: [],
  source: "",
  favourite: false,
  uses: 0,
  changed: NOW - 86_400,
  encrypted: false,
  messages: [{ role: "system", text: `You ${name}.` }],
  variables: [],
  model: "",
  submit: false,
  old: [],
  ...more,
});

const SUMMARIZE = `# IDENTITY and PURPOSE

You are an expert content summarizer. You take content in and output a summary in **{{lang}}**, in at most {{ words }} words.

# STEPS

- Combine all of your understanding of the content into a single sentence.
- Output the 10 most important points as a list.
- Leave \`{{Hostname}}\` and {{{triple}}} as they are.

\`\`\`python
print(f"{{lang}}")
\`\`\`
`;

window.fewPrompts = () => [
  prompt("summarize", {
    description: "Summarizes a text in a language and a length of your choice.",
    tags: ["summarize", "writing"],
    source: "fabric",
    favourite: true,
    uses: 128,
    used: NOW - 7200,
    version: 3,
    messages: [
      { role: "system", text: SUMMARIZE },
      { role: "user", text: "CONTENT:" },
    ],
    variables: [
      { name: "lang", description: "The language of the summary" },
      { name: "words", default: "200", description: "At most so many" },
    ],
    old: [
      { version: 2, messages: [{ role: "system", text: "Summarize in {{lang}}." }] },
      { version: 1, messages: [{ role: "system", text: "Summarize." }] },
    ],
  }),
  prompt("translate", {
    tags: ["translate"],
    messages: [{ role: "user", text: "Translate into {{lang}}:\n\n{{input}}" }],
    variables: [
      { name: "lang", default: "French", description: "" },
      { name: "input", description: "The text" },
    ],
  }),
  prompt("diary", { encrypted: true, description: "", uses: 3 }),
  prompt("say hello", { submit: true, messages: [{ role: "user", text: "Say hello." }] }),
  ...["analyze_claims", "create_a_very_long_name_that_no_list_has_room_for_in_one_line", "explain_code", "extract_wisdom", "find_logical_fallacies", "improve_writing", "rate_content", "review_design", "write_essay", "write_micro_essay"].map((name) =>
    prompt(name, { source: "fabric", tags: [name.split("_")[0]] }),
  ),
];

window.manyPrompts = (count) =>
  Array.from({ length: count }, (_, n) =>
    prompt(`prompt-${String(n).padStart(5, "0")}`, {
      source: n % 3 ? "fabric" : "",
      tags: [TAGS[n % TAGS.length]],
      uses: n % 7,
    }),
  );

const SOURCES = [
  { name: "fabric", title: "Fabric", location: "an address or a file of a zip archive, or a folder", needs_location: false, writes: true },
  { name: "markdown", title: "Markdown", location: "a Markdown file, or a folder of them", needs_location: true, writes: true },
  { name: "csv", title: "CSV", location: "a CSV file whose first row names the columns", needs_location: true, writes: true },
];

const MINE = "description: Mine\ntags: a\n\nsystem:\nYou are brief.\nUse three points.\nEnd with a question.";
const THEIRS = "description: Theirs\ntags: a\n\nsystem:\nYou are brief.\nUse ten points, each of at most fifteen words, and never more than that.\nEnd with a question.\nSay where it is from.";

const offered = (name, state, more = {}) => ({
  name,
  description: `Does what ${name} says.`,
  tags: [],
  state,
  current: state === "new" ? "" : name,
  beside: state === "edited" || state === "taken" ? `${name} (fabric)` : "",
  ...more,
});

window.offer = {
  origin: "https://fabric.example/main.zip",
  from_cache: NOW - 7200,
  candidates: [
    offered("summarize", "edited"),
    offered("translate", "taken"),
    offered("analyze_claims", "changed"),
    ...Array.from({ length: 30 }, (_, n) => offered(`new_pattern_${n}`, "new")),
    ...Array.from({ length: 6 }, (_, n) => offered(`same_pattern_${n}`, "same")),
  ],
  problems: [{ where: "data/patterns/broken/system.md", what: "It is not UTF-8." }],
  problem_count: 1,
};

class PromptsWidget extends window.Widget {
  constructor({ prompts = window.fewPrompts(), more = {}, ...rest }) {
    super({ view: "prompts", ...rest });
    this.all = prompts;
    this.revision = 0;
    this.more = more;
    this.importing = { stage: "none", id: "", source: "", title: "", location: "", added: [], updated: [], beside: [], ...more.importing };
    this.place = { query: "", tags: [], favourites: false, open: "", ...more.place };
    this.slow = 0;
  }

  async answer(message) {
    const { type, request_id, method, params } = message;
    const own = this[`on_${method}`];
    if (method === "hello" || method === "snapshot")
      this.snapshot = {
        revision: this.revision,
        now: Date.now() / 1000,
        in_panel: false,
        found: this.on_find({ ...this.place, offset: 0, limit: 100 }),
        facets: this.on_facets(),
        ...this.more,
        place: this.place,
        importing: this.importing,
      };
    if (type !== "request" || !own || this.hold.has(method)) return super.answer(message);
    if (this.answered.has(request_id)) return;
    this.answered.add(request_id);
    const reply = { type: "response", request_id };
    let buffers = [];
    try {
      const result = (await own.call(this, structuredClone(params))) ?? {};
      [reply.result, buffers] = Array.isArray(result) ? result : [result, []];
    } catch (error) {
      reply.error = error;
    }
    this.hear(reply, buffers);
  }

  changed() {
    this.tell("prompts", { revision: ++this.revision });
  }

  one(name) {
    const found = this.all.find((each) => each.name === name);
    if (!found) throw { code: "usage", message: `There is no prompt ${name}.` };
    return found;
  }

  row({ messages, variables, model, submit, old, ...row }) {
    return row;
  }

  on_find({ query, tags, source, favourites, offset, limit }) {
    const wanted = query.trim().toLowerCase();
    const found = this.all.filter(
      (each) =>
        (!wanted || `${each.name} ${each.description} ${each.tags}`.toLowerCase().includes(wanted)) &&
        tags.every((tag) => each.tags.includes(tag)) &&
        (source == null || each.source === source) &&
        (!favourites || each.favourite),
    );
    found.sort((a, b) => b.favourite - a.favourite || (a.name < b.name ? -1 : 1));
    const rows = found.slice(offset, offset + limit).map((each) => this.row(each));
    const result = { rows, offset, total: found.length };
    return this.slow ? new Promise((done) => setTimeout(() => done(result), this.slow)) : result;
  }

  on_facets() {
    const count = (lists) => {
      const counts = new Map();
      for (const each of lists.flat()) counts.set(each, (counts.get(each) ?? 0) + 1);
      return [...counts].sort((a, b) => b[1] - a[1]);
    };
    const titles = { "": "Written here", fabric: "Fabric" };
    return {
      tags: count(this.all.map(({ tags }) => tags)).map(([name, count]) => ({ name, title: name, count })),
      sources: count(this.all.map(({ source }) => [source])).map(([name, count]) => ({ name, title: titles[name], count })),
      total: this.all.length,
    };
  }

  on_prompt({ name, version }) {
    const { old, ...all } = this.one(name);
    if (all.encrypted && this.locked)
      throw { code: "vault-locked", message: "The vault is locked.", hint: "%parllama vault unlock" };
    const versions = [all, ...old].map(({ version }) => ({ version, created: NOW - 86_400 * (4 - version) }));
    const other = version == null ? undefined : old.find((each) => each.version === version);
    const shown = other?.version ?? all.version;
    return { ...all, ...other, version: all.version, shown, versions, undeclared: [] };
  }

  on_render({ name, values, text }) {
    const { messages, variables } = this.one(name);
    if (values.lang === "sk-secret")
      throw { code: "usage", message: "The value of lang is a secret.", field: "lang" };
    const given = { ...values, ...(text && { input: text }) };
    const of = (each) => given[each.name] || each.default;
    const missing = variables.filter((each) => of(each) == null).map(({ name }) => name);
    const filled = messages.map(({ role, text }) => ({
      role,
      text: variables.reduce((so_far, each) => (of(each) == null ? so_far : so_far.replaceAll(new RegExp(`\\{\\{ *${each.name} *\\}\\}`, "g"), of(each))), text),
    }));
    if (text && !variables.some(({ name }) => name === "input")) filled.at(-1).text += `\n\n${text}`;
    const sets = Object.entries(values).filter(([, value]) => value);
    const cell = `%%parllama -p ${name}${sets.map(([key, value]) => ` --set ${key}=${value}`).join("")}\n${text}`;
    return { messages: filled, missing, cell, left_out: [] };
  }

  on_save({ edit, over }) {
    if (!edit.name.trim()) throw { code: "usage", message: "The name is empty.", hint: "Give the prompt a name.", field: "name" };
    const bad = edit.variables.find(({ name }) => !/^[a-z_]\w*$/i.test(name));
    if (bad) throw { code: "usage", message: `A variable cannot be named '${bad.name}'.`, hint: "Use letters, digits and underscores, a letter first.", field: "variables" };
    const at = this.all.find(({ name }) => name === edit.of);
    if (at && at.version !== edit.base && !over)
      throw { code: "changed-elsewhere", message: `${at.name} was changed meanwhile: it has version ${at.version} now.` };
    const { of, base, ...fields } = edit;
    if (at) Object.assign(at, fields, { version: at.version + 1 });
    else this.all.push(prompt(edit.name, fields));
    this.more.draft = undefined;
    this.changed();
    return { name: edit.name, version: at?.version ?? 1 };
  }

  on_draft({ edit }) {
    this.more.draft = edit ?? undefined;
  }

  on_favourite({ name, favourite }) {
    this.one(name).favourite = favourite;
    this.changed();
  }

  on_delete({ names }) {
    this.gone = this.all.filter(({ name }) => names.includes(name));
    this.all = this.all.filter(({ name }) => !names.includes(name));
    this.changed();
    return { names };
  }

  on_restore({ names }) {
    this.all.push(...this.gone);
    this.changed();
    return { names };
  }

  on_duplicate({ name }) {
    this.all.push({ ...this.one(name), name: `${name} (copy)`, version: 1, old: [] });
    this.changed();
    return { name: `${name} (copy)`, version: 1 };
  }

  on_revert({ name, version }) {
    const at = this.one(name);
    Object.assign(at, at.old.find((each) => each.version === version), { version: at.version + 1 });
    this.changed();
    return { name, version: at.version };
  }

  on_use({ send }) {
    return { session: "chat 1", model_id: "", sent: send };
  }

  on_sources() {
    return { sources: SOURCES };
  }

  on_models() {
    return { groups: [] };
  }

  stage(stage, more = {}) {
    this.importing = { ...this.importing, stage, ...more };
    this.tell("import", this.importing);
    return this.importing;
  }

  job(phase, percent, more = {}) {
    const progress = { phase, percent, done: 0, unit: "", ...more };
    return { id: "7", title: "read prompts of Fabric", state: "running", seconds: 1, notice: "", progress };
  }

  on_import({ source, location }) {
    const title = SOURCES.find(({ name }) => name === source).title;
    return this.stage("reading", { id: "1", source, location, title, job: this.job("downloading", 4) });
  }

  on_stop_import() {
    const error = { code: "stopped", message: "Stopped." };
    this.stage("failed", { job: undefined, error });
  }

  on_forget_import() {
    this.importing = { ...this.importing, id: "", error: undefined };
    this.stage("none");
  }

  on_offer() {
    return window.offer;
  }

  on_beside() {
    return { mine: MINE, theirs: THEIRS };
  }

  on_take({ names }) {
    this.stage("taking", { job: this.job("importing", 92) });
    setTimeout(() => this.stage("done", { job: undefined, added: names }), 20);
    return this.importing;
  }

  on_export({ path, format, names, overwrite }) {
    const count = names.length || this.all.length;
    const result = { count, files: 1, path, file_name: "", existing: [] };
    if (!path) {
      const bytes = new TextEncoder().encode("# prompts");
      return [{ ...result, file_name: `prompts-${format}.zip` }, [new DataView(bytes.buffer)]];
    }
    return { ...result, existing: overwrite ? [] : [`${path}/summarize.md`] };
  }
}

window.openPrompts = async (options = {}) => {
  const { width, many, ...rest } = options;
  if (many) rest.prompts = window.manyPrompts(many);
  const widget = new PromptsWidget(rest);
  await widget.open();
  await widget.show(width);
  window.widgets.push(widget);
  return window.widgets.length - 1;
};

/** A library that no page shows yet, as a bench opens it. */
window.openHidden = async (many) => {
  const widget = new PromptsWidget({ prompts: window.manyPrompts(many) });
  await widget.open();
  return widget;
};
