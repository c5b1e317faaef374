import { describe, expect, it } from "vitest";
import { canInsert, cellText, insertCell } from "../../src/chat/new-cell";

const VIEW = "application/vnd.jupyter.widget-view+json";

/** A notebook whose cells show the widgets with these ids; "" shows none. */
function page(ids: string[], more: object = {}) {
  const cells = ids.map((id) => ({
    outputs: {
      length: id ? 1 : 0,
      get: () => ({ data: { [VIEW]: { model_id: id } } }),
      set: () => {},
    },
  }));
  const done: unknown[] = [];
  const sharedModel = {
    insertCell: (at: number, cell: object) => done.push([at, cell]),
    transact(change: () => void) {
      done.push("begin");
      change();
      done.push("end");
    },
  };
  const model = { cells, sharedModel, ...more };
  const link = {
    model: {
      get: () => "mine",
      on: () => {},
      off: () => {},
      send: () => {},
      widget_manager: { context: { model } } as never,
    },
  };
  return { link, done };
}

const el = () => document.createElement("code");

describe("the text of a new cell", () => {
  it("is Python as it is, and a shell's as a cell of bash", () => {
    expect(cellText("x = 1\n\n", "")).toBe("x = 1");
    expect(cellText("  x\n", "Python")).toBe("  x");
    expect(cellText("ls\n", "sh")).toBe("%%bash\nls");
  });

  it("is none in other languages, and none of nothing", () => {
    for (const name of ["js", "html", "console", "python-repl", "__proto__"])
      expect(cellText("x", name)).toBeUndefined();
    expect(cellText(" \n", "python")).toBeUndefined();
  });
});

describe("a new cell", () => {
  it("is inserted below the one that shows the view, in one step", () => {
    const { link, done } = page(["", "other", "mine", ""]);
    expect(canInsert(link)).toBe(true);
    const hostile = "</script><img src=x onerror=alert(1)>\u202e";
    expect(insertCell(link, el(), hostile)).toBe(true);
    const cell = { cell_type: "code", source: hostile, metadata: {} };
    expect(done).toEqual(["begin", [3, cell], "end"]);
  });

  it("is inserted below the cell that a view within a view is in", () => {
    const { link, done } = page(["panel", ""]);
    document.body.innerHTML = `<div class="jp-Notebook"><div class="jp-Cell"
      data-windowed-list-index="0"><code></code></div></div>`;
    const inside = document.querySelector("code") as HTMLElement;
    expect(insertCell(link, inside, "x")).toBe(true);
    expect(done[1]).toEqual([1, { cell_type: "code", source: "x", metadata: {} }]);
  });

  it("is not inserted where no cell shows the view", () => {
    const { link, done } = page(["other"]);
    expect(insertCell(link, el(), "x")).toBe(false);
    expect(done).toEqual([]);
  });

  it("is not offered in a notebook that cannot be changed, or outside one", () => {
    expect(canInsert(page(["mine"], { readOnly: true }).link)).toBe(false);
    const { link } = page(["mine"]);
    const bare = { model: { ...link.model } };
    // @ts-expect-error - other pages have a manager without a notebook
    bare.model.widget_manager = {};
    expect(canInsert(bare)).toBe(false);
  });
});
