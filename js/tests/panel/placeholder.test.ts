import { describe, expect, it } from "vitest";
import { placehold } from "../../src/panel/placeholder";

const STATE = "application/vnd.jupyter.widget-state+json";
const VIEW = "application/vnd.jupyter.widget-view+json";

/** A notebook as JupyterLab hands it over, whose cells show these models. */
class StubContext {
  metadata: Record<string, unknown> = {};
  slots = new Set<(sender: unknown, state: string) => void>();
  shown: string[];
  written = 0;

  constructor(...shown: string[]) {
    this.shown = shown;
  }

  saveState = {
    connect: (slot: (sender: unknown, state: string) => void) => this.slots.add(slot),
    disconnect: (slot: (sender: unknown, state: string) => void) =>
      this.slots.delete(slot),
  };

  get model() {
    const context = this;
    return {
      get cells() {
        const outputs = context.shown.map((model_id) => ({
          data: { [VIEW]: { model_id } },
        }));
        const other = { data: { "text/plain": "x" } };
        const get = (at: number) => outputs[at] ?? other;
        return [{}, { outputs: { length: outputs.length + 1, get } }];
      },
      getMetadata: (name: string) => context.metadata[name],
      setMetadata(name: string, value: unknown) {
        context.metadata[name] = value;
        context.written++;
      },
    };
  }

  save(state = "started") {
    for (const slot of this.slots) slot(this, state);
  }

  get saved() {
    const widgets = this.metadata.widgets as Record<string, { state: object }>;
    return widgets?.[STATE]?.state as Record<string, { state: { value: string } }>;
  }
}

const signal = new AbortController().signal;
const place = (context: unknown, id: string, text = "It was here.", until = signal) =>
  placehold({ context }, () => ({ id, text }), until);

describe("the placeholder of a panel", () => {
  it("is left at each save, as text and not as HTML", () => {
    const context = new StubContext("m1");
    place(context, "m1", "a < b & c");
    expect(context.metadata).toEqual({});
    context.save("completed");
    expect(context.metadata).toEqual({});
    context.save();
    expect(context.saved.m1?.state.value).toBe("<p>a &lt; b &amp; c</p>");
    expect(Object.keys(context.saved)).toEqual(["m1"]);
  });

  it("does not touch a notebook that has it already", () => {
    const context = new StubContext("m1");
    place(context, "m1");
    context.save();
    context.save();
    expect(context.written).toBe(1);
  });

  it("is not left for a panel that is in no output, nor is anything else", () => {
    const context = new StubContext("another");
    place(context, "m1");
    context.save();
    expect(context.metadata).toEqual({});
  });

  it("keeps what others have saved, and takes away those of earlier panels", () => {
    const context = new StubContext("m1", "m2");
    place(context, "m1");
    place(context, "m2");
    context.save();
    expect(Object.keys(context.saved)).toEqual(["m1", "m2"]);
    const slider = { model_name: "IntSliderModel", state: { value: 3 } };
    Object.assign(context.saved, { slider });
    context.shown = ["m2"];
    context.save();
    expect(Object.keys(context.saved).sort()).toEqual(["m2", "slider"]);
  });

  it("takes the place of the state that JupyterLab saves of the panel itself", () => {
    const context = new StubContext("m1");
    const live = { model_name: "AnyModel", state: { _esm: "…" } };
    context.metadata.widgets = {
      [STATE]: { version_major: 2, version_minor: 0, state: { m1: live } },
      other: 1,
    };
    place(context, "m1");
    context.save();
    expect(context.saved.m1).not.toEqual(live);
    expect(context.metadata.widgets).toMatchObject({ other: 1 });
  });

  it("ends with the view", () => {
    const context = new StubContext("m1");
    const ending = new AbortController();
    place(context, "m1", "x", ending.signal);
    ending.abort();
    context.save();
    expect(context.metadata).toEqual({});
  });

  it.each([undefined, {}, { context: null }, { context: { model: {} } }])(
    "does nothing where there is no notebook of JupyterLab: %j",
    (manager) => {
      expect(() =>
        placehold(manager, () => ({ id: "m1", text: "x" }), signal),
      ).not.toThrow();
    },
  );
});
