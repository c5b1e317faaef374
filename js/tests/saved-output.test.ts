import { describe, expect, it, vi } from "vitest";
import { keepOutput, removeError, type Shown } from "../src/saved-output";
import { settle as pending } from "./stub";

const STATE = "application/vnd.jupyter.widget-state+json";
const VIEW = "application/vnd.jupyter.widget-view+json";

type Data = Record<string, unknown>;
type Slot = (sender: unknown, state: string) => void;

const view = (model_id: string, text: unknown = "It was here.") => ({
  data: { [VIEW]: { model_id }, "text/plain": text },
});

/** A notebook as JupyterLab hands it over: one cell of these outputs. */
class StubContext {
  metadata: Record<string, unknown> = {};
  slots = new Set<Slot>();
  outputs: { data?: Data; type?: string }[];
  written = 0;

  constructor(...shown: string[]) {
    this.outputs = [
      {},
      ...shown.map((id) => view(id)),
      { data: { "text/plain": "x" } },
    ];
  }

  saveState = {
    connect: (slot: Slot) => this.slots.add(slot),
    disconnect: (slot: Slot) => this.slots.delete(slot),
  };

  get model() {
    const context = this;
    return {
      get cells() {
        const { outputs } = context;
        const get = (at: number) => outputs[at];
        const set = (at: number, output: { data?: Data }) => {
          outputs[at] = output;
        };
        const shown = {
          get length() {
            return outputs.length;
          },
          get,
          set,
        };
        const sharedModel = {
          updateOutputs: (start: number, end: number, now: []) =>
            outputs.splice(start, end - start, ...now),
        };
        return [{}, { outputs: shown, sharedModel }];
      },
      getMetadata: (name: string) => context.metadata[name],
      setMetadata(name: string, value: unknown) {
        context.metadata[name] = value;
        context.written++;
      },
      deleteMetadata(name: string) {
        delete context.metadata[name];
      },
    };
  }

  save(state = "started") {
    for (const slot of [...this.slots]) slot(this, state);
  }

  get saved() {
    const widgets = this.metadata.widgets as Record<string, { state: object }>;
    return widgets?.[STATE]?.state as Record<string, { state: { value: string } }>;
  }
}

/** A model in this context, until `end`; `settle` says that its cell has an output. */
function keep(context: unknown, id: string, output?: Data) {
  const traits: Data = { output_id: id, settled: false };
  const listeners = new Map<string, () => void>();
  const request = vi.fn(async () => {
    if (!output) throw new Error("closed");
    return { result: { data: output }, buffers: [] };
  });
  const model = {
    widget_manager: { context },
    get: (name: string) => traits[name],
    on: (name: string, listener: () => void) => listeners.set(name, listener),
    off: (name: string) => listeners.delete(name),
  };
  const ending = new AbortController();
  const link = { model, request } as unknown as Shown;
  const mount = (signal = ending.signal) => keepOutput(link, signal);
  mount();
  const settle = async () => {
    traits.settled = true;
    listeners.get("change:settled")?.();
    await pending();
  };
  return { end: () => ending.abort(), link, mount, request, settle };
}

describe("the error that a cell has raised", () => {
  it("is removed from the cell of the view, and nothing else is", () => {
    const context = new StubContext("m1");
    const [before, shown, after] = context.outputs as object[];
    context.outputs.push({ type: "error" });
    removeError(keep(context, "m2").link);
    expect(context.outputs).toHaveLength(4);
    removeError(keep(context, "m1").link);
    expect(context.outputs).toEqual([before, shown, after]);
  });
});

describe("the text of a view", () => {
  it("is left at each save, as text and not as HTML", () => {
    const context = new StubContext();
    context.outputs = [view("m1", ["a < b\n", "& c"])];
    keep(context, "m1");
    expect(context.metadata).toEqual({});
    context.save("completed");
    expect(context.metadata).toEqual({});
    context.save();
    expect(context.saved.m1?.state.value).toBe("<p>a &lt; b\n&amp; c</p>");
    expect(Object.keys(context.saved)).toEqual(["m1"]);
  });

  it("is not written again into a notebook that has it already", () => {
    const context = new StubContext("m1");
    keep(context, "m1");
    context.save();
    context.save();
    expect(context.written).toBe(1);
  });

  it("is not left for a view that is in no output", () => {
    const context = new StubContext("another");
    keep(context, "m1");
    context.save();
    expect(context.metadata).toEqual({});
  });

  it("stands beside what others have saved, and goes with its output", () => {
    const context = new StubContext("m1", "m2");
    keep(context, "m1");
    keep(context, "m2");
    context.save();
    expect(Object.keys(context.saved)).toEqual(["m1", "m2"]);
    const slider = { model_name: "IntSliderModel", state: { value: 3 } };
    Object.assign(context.saved, { slider });
    context.outputs = [view("m2")];
    context.save();
    expect(Object.keys(context.saved).sort()).toEqual(["m2", "slider"]);
  });

  it("takes the place of the state that JupyterLab saves of the view itself", () => {
    const context = new StubContext("m1");
    const live = { model_name: "AnyModel", state: { _esm: "…" } };
    context.metadata.widgets = {
      [STATE]: { version_major: 2, version_minor: 0, state: { m1: live } },
      other: 1,
    };
    keep(context, "m1");
    context.save();
    expect(context.saved.m1).not.toEqual(live);
    expect(context.metadata.widgets).toMatchObject({ other: 1 });
  });

  it("stays while its output is out of sight, and ends with the output", () => {
    const context = new StubContext("m1");
    const { end } = keep(context, "m1");
    end();
    context.save();
    expect(Object.keys(context.saved)).toEqual(["m1"]);
    context.outputs = [];
    context.save();
    expect(context.metadata).toEqual({});
    expect(context.slots.size).toBe(0);
  });
});

describe("a view whose cell has settled", () => {
  const output = { "text/markdown": "**The answer**", "text/plain": "The answer" };

  it("is replaced in every output that shows it, and in no other", async () => {
    const context = new StubContext("m1", "m2", "m1");
    const { settle } = keep(context, "m1", output);
    await settle();
    const datas = context.outputs.map(({ data }) => data);
    expect(datas).toEqual([
      undefined,
      output,
      view("m2").data,
      output,
      { "text/plain": "x" },
    ]);
  });

  it("is replaced as soon as it is shown, if that is later", async () => {
    const context = new StubContext("m1");
    const { end, mount, settle } = keep(context, "m1", output);
    end();
    await settle();
    expect(context.outputs[1]).toEqual(view("m1"));
    mount(new AbortController().signal);
    await vi.waitFor(() => expect(context.outputs[1]?.data).toEqual(output));
  });

  it("asks for nothing where the page has replaced it by itself", async () => {
    const context = new StubContext();
    const { request, settle } = keep(context, "m1", output);
    await settle();
    expect(request).not.toHaveBeenCalled();
  });

  it("stays as it is where the kernel does not answer", async () => {
    const context = new StubContext("m1");
    const { settle } = keep(context, "m1");
    await settle();
    expect(context.outputs[1]).toEqual(view("m1"));
  });
});

it.each([undefined, {}, { context: null }, { context: { model: {} } }])(
  "does nothing where there is no notebook of JupyterLab: %j",
  async (context) => {
    const { request, settle } = keep(context, "m1");
    await settle();
    expect(request).not.toHaveBeenCalled();
  },
);
