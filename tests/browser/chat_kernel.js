// A kernel's side of a chat, small enough to be read at once: it answers what it is
// asked with a text, so many characters at a time.
const TURN = {
  created: 1, model: "fake/m", question: "", attachments: [], cell: false,
  alternatives: [], edited: false, cut: false,
};
const REPLY = { text: "", thinking: "", footer: "", notice: "" };

/** A whole conversation: `count` turns, some of them long. */
window.conversation = (count, reply = (n) => `Answer **${n}**.\n\n- one\n- two\n`) =>
  Array.from({ length: count }, (_, index) => {
    const id = index + 1;
    const question = `Question ${id}?`;
    const footer = `fake/m · ${id} tokens · 1.0 s`;
    return {
      ...TURN,
      ...REPLY,
      id,
      created: id,
      state: "done",
      question,
      question_length: question.length,
      text: reply(id),
      footer,
    };
  });

class ChatWidget extends window.Widget {
  constructor({ turns = [], session = {}, more = {}, reply, size = 8, pause = 5, sent, ...rest }) {
    super({ view: "chat", ...rest });
    this.all = turns.map((turn) => ({ ...TURN, ...turn }));
    // What is shown instead, by the turn that it begins with.
    this.branches = {};
    this.reply = reply ?? ((text) => `You said: ${text}`);
    this.size = size;
    this.pause = pause;
    this.session = {
      name: "work/notes.ipynb",
      provider: "Fake",
      options: {},
      locked: "",
      answering: false,
      ...session,
    };
    const attached = { attachments: [] };
    const limits = { file: 5e7, image: 5e7, message: 2.5e8, count: 20, part: 1e6 };
    this.more = { default: { model: "fake/m" }, draft: "", attached, limits, ...more };
    this.models = [];
    // Conversations that are not shown: by their names, the turns.
    this.others = { ideas: window.conversation(3) };
    this.tabbed = [this.session.name];
    this.listed = {};
    this.drafts = {};
    this.chosen = {};
    this.page = 30;
    this.stopping = false;
    this.sent = sent;
  }

  state() {
    const turns = this.all.slice(-this.page);
    const session = { ...this.session, turns: this.all.length };
    const earlier = this.all.length - turns.length;
    return { ...this.more, session, tabs: this.tabs(), turns, earlier };
  }

  tabs() {
    const { encrypted, locked, answering } = this.session;
    const tabs = this.tabbed.map((name) =>
      name === this.session.name
        ? { id: name, name, answering, encrypted: !!encrypted, locked: !!locked }
        : { id: name, name, answering: false, encrypted: false, locked: false },
    );
    return { tabs, current: this.session.name };
  }

  /** Shows another conversation. */
  go(name, turns = this.others[name] ?? []) {
    this.others[this.session.name] = this.all;
    this.drafts[this.session.name] = this.more.draft;
    this.chosen[this.session.name] = this.more.prompt;
    this.more = { ...this.more, draft: this.drafts[name] ?? "", prompt: this.chosen[name] };
    delete this.others[name];
    if (!this.tabbed.includes(name)) this.tabbed.push(name);
    this.all = turns;
    this.session = { ...this.session, name };
    this.tell("snapshot", { ...this.state(), seq: this.seq + 1 });
  }

  entries() {
    const of = (name, count, n) => ({
      name, used: 1e9 + n, created: n, turns: count, folder: "", tags: [],
      pinned: false, encrypted: false, locked: false, ...this.listed[name],
    });
    const { name } = this.session;
    const others = Object.entries(this.others).map(([each, all], n) => of(each, all.length, n + 2));
    return [of(name, this.all.length, 1), ...others];
  }

  async answer(message) {
    const { type, request_id, method, params } = message;
    const own = this[`on_${method}`];
    if (method === "hello" || method === "snapshot") this.snapshot = this.state();
    if (type !== "request" || !own || this.hold.has(method)) return super.answer(message);
    if (this.answered.has(request_id)) return;
    this.answered.add(request_id);
    const reply = { type: "response", request_id };
    try {
      reply.result = (await own.call(this, params)) ?? {};
    } catch (error) {
      reply.error = error;
    }
    this.hear(reply);
  }

  get live() {
    return this.all.find(({ state }) => state === "waiting" || state === "streaming");
  }

  on_commands() {
    return { commands: [] };
  }

  on_prompts({ query }) {
    const all = this.prompts ?? [];
    const prompts = all.filter(({ name }) => name.includes(query));
    return { prompts, total: all.length };
  }

  on_names({ typed }) {
    const offers = (this.offers ?? []).filter(({ text }) => text.startsWith(typed));
    return { offers };
  }

  on_mentions({ text }) {
    const mentions = (this.mentions ?? []).filter(({ path }) => text.includes(`@${path}`));
    return { mentions };
  }

  on_choose_prompt({ name }) {
    const found = (this.prompts ?? []).find((each) => each.name === name);
    const none = { name: "", version: 0, description: "", asks: false, takes_input: false };
    const usual = { submit: false, variables: [], values: {}, text: "", locked: false };
    const { favourite, encrypted, ...chosen } = { version: 3, ...found };
    this.more.prompt = found ? { ...none, ...usual, ...chosen } : undefined;
    this.tell("prompt", this.more.prompt ?? { ...none, ...usual });
  }

  async on_send({ tab, text, prompt }) {
    this.on_draft({ tab, text: "" });
    if (this.slow) await this.slow;
    if (this.refuse) {
      // The page itself gives it back to the tab that it shows.
      const typed = [text, this.drafts[tab]].filter(Boolean).join("\n\n");
      if (tab !== this.session.name) this.on_draft({ tab, text: typed });
      throw this.refuse;
    }
    if (prompt) this.on_choose_prompt({ name: "" });
    const id = Math.max(0, ...this.all.map((turn) => turn.id)) + 1;
    const question = { question: text.slice(0, 16000), question_length: text.length };
    this.begin({ ...TURN, ...REPLY, ...question, id, created: id, state: "waiting" });
  }

  on_retry({ turn, model }) {
    const old = this.all.find(({ id }) => id === turn);
    this.again(old, { model: model || old.model });
  }

  on_edit({ turn, text }) {
    const old = this.all.find(({ id }) => id === turn);
    this.again(old, { question: text, question_length: text.length });
  }

  on_continue({ turn }) {
    const old = this.all.find(({ id }) => id === turn);
    if (old.id !== this.all.at(-1).id) return this.again(old, { text: old.text });
    this.begin({ ...old, footer: "", cut: false, error: undefined, state: "waiting" });
  }

  on_amend({ turn, question, answer }) {
    const old = this.all.find(({ id }) => id === turn);
    if (question) Object.assign(old, { question, question_length: question.length });
    if (answer) old.text = answer;
    old.edited = true;
    this.tell("turn", { ...old });
  }

  on_show({ turn }) {
    if (this.live) throw { code: "usage", message: "This conversation is answering." };
    const at = this.all.findIndex(({ alternatives }) => alternatives.includes(turn));
    this.branches[this.all[at].id] = this.all.slice(at);
    this.all = [...this.all.slice(0, at), ...this.branches[turn]];
    this.tell("snapshot", { ...this.state(), seq: this.seq + 1 });
  }

  on_turn({ turn }) {
    return this.all.find(({ id }) => id === turn) ?? this.branches[turn][0];
  }

  on_delete({ turn }) {
    this.before = this.all;
    this.remove([turn]);
    return { undo: true };
  }

  on_undelete() {
    this.all = this.before;
    this.tell("snapshot", { ...this.state(), seq: this.seq + 1 });
  }

  on_find({ query }) {
    const count = (text) => text.replace(/\*\*/g, "").toLowerCase().split(query.toLowerCase()).length - 1;
    const hits = this.all
      .map((turn) => [turn.id, count(turn.question) + count(turn.text)])
      .filter(([, hits]) => hits);
    return { turns: hits.map(([id]) => id), hits: hits.reduce((sum, [, n]) => sum + n, 0) };
  }

  /** Asks in the place of a turn, which stays as an alternative if it has an answer. */
  again(old, more) {
    const fresh = { ...old, ...REPLY, error: undefined, cut: false, edited: false, ...more };
    fresh.state = "waiting";
    if (!old.text) return this.begin(fresh);
    const at = this.all.indexOf(old);
    const known = [...this.all, ...Object.values(this.branches).flat()];
    const id = Math.max(...known.map((turn) => turn.id)) + 1;
    const alternatives = [...(old.alternatives.length ? old.alternatives : [old.id]), id];
    for (const each of known)
      if (alternatives.includes(each.id)) each.alternatives = alternatives;
    const gone = this.all.slice(at);
    this.branches[old.id] = gone;
    this.all = this.all.slice(0, at);
    this.tell("removed", { turns: gone.map((turn) => turn.id) });
    this.begin({ ...fresh, id, created: id, alternatives });
  }

  on_stop() {
    this.stopping = true;
  }

  on_read({ turn }) {
    const found = this.all.find(({ id }) => id === turn);
    return { question: this.whole ?? found.question, text: found.text, thinking: "" };
  }

  on_earlier({ before }) {
    return { turns: this.all.filter(({ id }) => id < before).slice(-60) };
  }

  on_models() {
    return { groups: this.models };
  }

  on_set_model({ name }) {
    this.session.model = name || undefined;
    this.tell("session", { ...this.session });
  }

  on_set_options({ options }) {
    this.session.options = options;
    this.tell("session", { ...this.session });
  }

  on_sessions() {
    const { gone } = this;
    const deleted =
      !gone || gone.now
        ? []
        : [{ name: gone.name, title: gone.name, deleted: 1e9, encrypted: false, locked: false }];
    return { sessions: this.entries(), deleted };
  }

  on_search_sessions({ query }) {
    const hits = Object.entries({ ...this.others, [this.session.name]: this.all })
      .flatMap(([session, all]) => all.map((turn) => ({ session, turn })))
      .filter(({ turn }) => turn.question.toLowerCase().includes(query.toLowerCase()))
      .map(({ session, turn }) => ({ session, turn: turn.id, snippet: ["In ", query, ` of ${turn.question}`] }));
    return { hits, complete: true, locked: 0 };
  }

  on_new() {
    this.go("New chat", []);
  }

  on_open({ name }) {
    this.go(name, name === this.session.name ? this.all : this.others[name]);
  }

  on_show_tab({ id }) {
    this.go(id);
  }

  on_close_tab({ id }) {
    if (id === this.session.name) {
      const other = this.tabbed.find((name) => name !== id);
      this.go(other ?? "New chat");
    }
    this.tabbed = this.tabbed.filter((name) => name !== id);
    this.tell("tabs", this.tabs());
  }

  on_rename({ name }) {
    if (name === "ideas") throw { code: "usage", message: "There is a conversation 'ideas' already." };
    this.tabbed = this.tabbed.map((each) => (each === this.session.name ? name : each));
    this.session.name = name;
    this.tell("session", { ...this.session });
    this.tell("tabs", this.tabs());
  }

  set(name, values) {
    this.listed[name] = { ...this.listed[name], ...values };
  }

  on_rename_session({ name, new: to }) {
    if (to === "ideas") throw { code: "usage", message: "There is a conversation 'ideas' already." };
    this.others[to] = this.others[name];
    delete this.others[name];
  }

  on_file_session({ name, folder }) {
    this.set(name, { folder });
  }

  on_tag_session({ name, tags }) {
    this.set(name, { tags });
  }

  on_pin_session({ name, pinned }) {
    this.set(name, { pinned });
  }

  on_duplicate_session({ name }) {
    this.others[`${name} (copy)`] = this.others[name] ?? this.all;
    return { name: `${name} (copy)` };
  }

  on_encrypt_session({ name }) {
    this.set(name, { encrypted: true });
  }

  on_forget_session({ name, now }) {
    this.gone = { name, all: this.others[name], now };
    delete this.others[name];
  }

  on_restore_session({ name }) {
    this.others[name] = this.gone.all;
    this.gone = undefined;
    return { name };
  }

  on_encrypt() {
    if (this.locked) throw { code: "vault-locked", message: "The vault is locked.", hint: "%parllama vault unlock" };
    this.session.encrypted = true;
    this.tell("session", { ...this.session });
    this.tell("tabs", this.tabs());
  }

  on_decrypt() {
    this.session.encrypted = false;
    this.tell("session", { ...this.session });
    this.tell("tabs", this.tabs());
  }

  on_remove() {
    const { name } = this.session;
    this.on_new();
    this.gone = { name, all: this.others[name] };
    delete this.others[name];
    this.tabbed = this.tabbed.filter((each) => each !== name);
    this.tell("tabs", this.tabs());
  }

  on_unlock(params) {
    return this.mended("unlock", params);
  }

  on_add_key(params) {
    return this.mended("add_key", params);
  }

  /** With the vault unlocked, nothing fails any more. */
  async mended(method, params) {
    const { result, error } = await window[`answer_${method}`](params);
    if (error) throw error;
    this.fail = this.locked = undefined;
    this.tell("lock", { state: "unlocked" });
    if (this.session.locked) this.unlock();
    return result;
  }

  /** Drops what the conversation holds, as the kernel does, or shows it again. */
  lock(why) {
    this.away = { all: this.all, options: this.session.options };
    this.all = [];
    this.session = { ...this.session, locked: why, options: {} };
    this.more = { ...this.more, draft: "", prompt: undefined };
    this.tell("snapshot", { ...this.state(), seq: this.seq + 1 });
  }

  unlock() {
    this.all = this.away.all;
    this.session = { ...this.session, locked: "", options: this.away.options };
    this.tell("snapshot", { ...this.state(), seq: this.seq + 1 });
  }

  on_inputs() {
    return { inputs: this.all.map(({ question }) => question).reverse() };
  }

  on_preview({ text }) {
    if (this.refuse) throw this.refuse;
    const messages = [...this.sent.messages, { number: 2, role: "user", text }];
    return { ...this.sent, messages };
  }

  on_draft({ tab, text }) {
    if (tab && tab !== this.session.name) this.drafts[tab] = text;
    else this.more.draft = text;
  }

  remove(turns) {
    this.all = this.all.filter(({ id }) => !turns.includes(id));
    this.tell("removed", { turns });
  }

  /** Sets a turn on its way. */
  begin(turn) {
    const at = this.all.findIndex(({ id }) => id === turn.id);
    if (at < 0) this.all.push(turn);
    else this.all[at] = turn;
    this.stopping = false;
    this.tell("turn", { ...turn });
    this.run(turn);
  }

  async run(turn) {
    if (this.gate) await this.gate;
    if (this.fail) return this.settle(turn, "failed", this.fail);
    const text = this.reply(turn.question);
    for (let at = 0; at < text.length && !this.stopping; at += this.size) {
      this.delta(turn, text.slice(at, at + this.size));
      if (this.pause) await new Promise((done) => setTimeout(done, this.pause));
    }
    this.settle(turn, this.stopping ? "stopped" : "done");
  }

  delta(turn, text, kind = "text") {
    turn.state = "streaming";
    turn[kind] += text;
    this.tell("delta", { turn: turn.id, kind, text });
  }

  settle(turn, state, error) {
    const cut = state !== "done" && turn.text !== "";
    Object.assign(turn, { state, error, cut, footer: `${turn.model} · ${state}` });
    this.tell("settled", { turn: turn.id, state, footer: turn.footer, error, cut });
  }

  tell(event, data, seq = ++this.seq) {
    this.hear({ type: "event", event, seq, data: JSON.parse(JSON.stringify(data)) });
  }
}

window.openChat = async ({ width, height, ...options } = {}) => {
  const reply = options.reply && new Function("text", options.reply);
  const turns = options.count ? window.conversation(options.count) : options.turns;
  const widget = new ChatWidget({ ...options, reply, turns });
  await widget.open();
  const el = await widget.show(width);
  if (height) el.style.setProperty("--pl-chat-height", height);
  window.widgets.push(widget);
  return window.widgets.length - 1;
};
