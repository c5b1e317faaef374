// A model and a kernel small enough to be read at once, as anywidget drives them.
const manifest = await (await fetch("/static/manifest.json")).json();
const source = await (await fetch("/static/loader.js")).text();

class Widget {
  constructor(options) {
    const { view = "answer", snapshot = {}, deaf = false, hold = [] } = options;
    let { bundle } = options;
    /** What requests are answered with, by method and subject: `{ result }`, `{ error }`. */
    this.answers = options.answers ?? {};
    /** Widgets that this one may show inside, by their models' ids. */
    this.children = options.children ?? {};
    const parts = [...manifest[view].needs, view];
    bundle ??= parts.map((name) => manifest[name].hash).join(" ");
    this.traits = { view: parts.join(" "), bundle };
    this.listeners = new Map();
    this.requests = [];
    this.answered = new Set();
    this.deaf = deaf;
    this.hold = new Set(hold);
    this.seq = 0;
    const usual = view === "answer" ? { state: "waiting", model: "ollama/llama3.2:1b" } : {};
    this.snapshot = { ...usual, ...snapshot };
    this.life = new AbortController();
    this.model = {
      get: (name) => this.traits[name],
      on: (name, heard) => this.listeners.set(heard, name),
      off: (_, heard) => this.listeners.delete(heard),
      widget_manager: {
        get_model: async (id) => {
          if (!this.children[id]) throw new Error("widget model not found");
          return id;
        },
        create_view: async (id) => {
          const child = new Widget(this.children[id]);
          await child.open();
          const el = await child.show();
          el.remove();
          child.id = id;
          window.widgets.push(child);
          return { el, remove: () => child.close() };
        },
      },
      send: (message) => {
        this.requests.push(structuredClone(message));
        if (!this.deaf) setTimeout(() => this.answer(message), 0);
      },
    };
  }

  async open() {
    const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    this.widget = await (await import(url)).default();
    await this.widget.initialize({ model: this.model, signal: this.life.signal });
  }

  async show(width) {
    const el = document.createElement("div");
    if (width) el.style.width = width;
    document.querySelector("#out").append(el);
    const view = new AbortController();
    const clean = await this.widget.render({ model: this.model, el, signal: view.signal });
    this.el = el;
    this.close = () => {
      view.abort();
      clean?.();
      el.remove();
    };
    return el;
  }

  hear(message, buffers = []) {
    for (const [heard, name] of [...this.listeners])
      if (name === "msg:custom") heard(structuredClone(message), buffers);
  }

  async answer({ type, request_id, method, params }) {
    if (type !== "request" || this.answered.has(request_id)) return;
    if (this.hold.has(method)) return;
    this.answered.add(request_id);
    const subject =
      params.tab ?? params.key ?? params.job_id ?? params.name ?? params.model ?? "";
    const reply = { type: "response", request_id, result: {} };
    let buffers = [];
    if (method === "hello" || method === "snapshot") {
      reply.result = { ...this.snapshot, seq: this.seq };
    } else if (method === "asset") {
      const { file, hash } = manifest[params.name];
      const bytes = await (await fetch(`/static/${file}`)).arrayBuffer();
      window.transfers = [...(window.transfers ?? []), params.name];
      reply.result = { hash };
      buffers = [new DataView(bytes)];
    } else if (this.answers[method]?.[subject]) {
      Object.assign(reply, this.answers[method][subject]);
    } else if (window[`answer_${method}`]) {
      const { events = [], ...answer } = await window[`answer_${method}`](params);
      for (const { event, data } of events) this.tell(event, data);
      Object.assign(reply, answer);
    } else if (method === "set") {
      reply.result = { value: params.value };
    } else if (method === "stop") {
      setTimeout(() => this.tell("settled", { state: "stopped", footer: "stopped" }), 0);
    }
    this.hear(reply, buffers);
  }

  tell(event, data, seq = ++this.seq) {
    if (event === "delta") {
      const { kind, text } = data;
      this.snapshot[kind] = (this.snapshot[kind] ?? "") + text;
      this.snapshot.state = "streaming";
    }
    if (event === "snapshot") this.snapshot = { ...data };
    if (event === "settled") Object.assign(this.snapshot, data);
    this.hear({ type: "event", event, seq, data });
  }

  /** All of a text as deltas of `size` characters, `pause` milliseconds apart. */
  async stream(text, size = 40, pause = 0, kind = "text") {
    for (let at = 0; at < text.length; at += size) {
      this.tell("delta", { kind, text: text.slice(at, at + size) });
      if (pause) await new Promise((done) => setTimeout(done, pause));
    }
  }
}

window.Widget = Widget;
window.manifest = manifest;
window.widgets = [];
window.openWidget = async (options = {}) => {
  const widget = new Widget(options);
  await widget.open();
  await widget.show(options.width);
  window.widgets.push(widget);
  return window.widgets.length - 1;
};
window.frames2 = () =>
  new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
window.ready = true;
