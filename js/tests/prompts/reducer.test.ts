import { describe, expect, it } from "vitest";
import {
  anywhere,
  initial,
  isFiltered,
  noImport,
  type PromptsAct,
  type PromptsModel,
  reduce,
} from "../../src/prompts/reducer";
import type { PromptsFact, PromptsSnapshot } from "../../src/protocol";
import { job, promptRow } from "../wire";

const told = (now: PromptsModel, fact: PromptsFact | PromptsAct) =>
  reduce(now, fact, 1000);

const snapshot = (more: Partial<PromptsSnapshot> = {}): PromptsFact => ({
  event: "snapshot",
  data: {
    seq: 0,
    revision: 3,
    now: 1005,
    place: { ...anywhere, query: "x", open: "a" },
    found: { rows: [promptRow("a")], offset: 0, total: 1 },
    importing: noImport,
    in_panel: true,
    ...more,
  },
});

const there = told(initial, snapshot());

describe("the prompt library", () => {
  it("is where the kernel says at first, and then where the user went", () => {
    expect(there.place).toMatchObject({ query: "x", open: "a", source: null });
    expect(there.finding).toBe(false);
    const gone = told(there, { event: "place", data: { query: "y" } });
    const again = told(gone, snapshot());
    expect(again.place.query).toBe("y");
    // What the kernel found is not what is looked for here.
    expect(again.finding).toBe(true);
  });

  it("takes a form that was typed in an earlier page, and never loses this one's", () => {
    const edit = { of: "", base: 0, name: "half", description: "", tags: ["t"] };
    const draft = { ...edit, model: "", submit: false, encrypted: false };
    const whole = { ...draft, messages: [], variables: [] };
    const loaded = told(initial, snapshot({ draft: whole }));
    expect(loaded.form).toMatchObject({ name: "half", tags: "t" });
    const closed = told(loaded, { event: "form", data: null });
    expect(told(closed, snapshot({ draft: whole })).form).toBeNull();
  });

  it("follows the job of its import alone", () => {
    const importing = { ...noImport, stage: "reading" as const, id: "1", job: job(7) };
    const reading = told(there, { event: "import", data: importing });
    const stopping = told(reading, { event: "stopping" });
    const moved = told(stopping, {
      event: "jobs",
      data: { changed: [job(7, { notice: "slow" }), job(8)], forgotten: [] },
    });
    expect(moved.importing.job?.notice).toBe("slow");
    expect(moved.stopping).toBe(true);
    const failed = { ...importing, stage: "failed" as const };
    expect(told(moved, { event: "import", data: failed }).stopping).toBe(false);
  });

  it("knows whether it shows all", () => {
    expect(isFiltered(anywhere)).toBe(false);
    expect(isFiltered({ ...anywhere, open: "a" })).toBe(false);
    expect(isFiltered({ ...anywhere, query: " " })).toBe(false);
    expect(isFiltered({ ...anywhere, tags: ["a"] })).toBe(true);
    expect(isFiltered({ ...anywhere, source: "" })).toBe(true);
  });
});
