import { describe, expect, it } from "vitest";
import {
  initial,
  type ModelsAct,
  type ModelsModel,
  reduce,
} from "../../src/models/reducer";
import { line, offered } from "../../src/models/words";
import type { JobData, ModelRow, ModelsFact, ModelsSnapshot } from "../../src/protocol";
import { job, modelRow } from "../wire";

const CLOCK = 1000;

const told = (now: ModelsModel, fact: ModelsFact | ModelsAct) =>
  reduce(now, fact, 0, CLOCK);

const snapshot = (more: Partial<ModelsSnapshot> = {}): ModelsFact => ({
  event: "snapshot",
  data: {
    seq: 0,
    now: CLOCK + 5,
    models: [modelRow("a"), modelRow("b")],
    lists: [{ provider: "ollama", title: "Ollama", listing: false }],
    jobs: [],
    place: { segment: "running", sort: "size", down: true, filter: "x" },
    in_panel: true,
    ...more,
  },
});

const changed = (changed: ModelRow[], gone: string[] = []): ModelsFact => ({
  event: "models",
  data: { now: CLOCK, changed, gone, lists: [] },
});

const jobs = (...changed: JobData[]): ModelsFact => ({
  event: "jobs",
  data: { changed, forgotten: [] },
});

const there = told(initial, snapshot());

describe("the view of local models", () => {
  it("is where the kernel says at first, and then where the user went", () => {
    expect(there.place).toMatchObject({ segment: "running", sort: "size" });
    const gone = told(there, { event: "place", data: { segment: "installed" } });
    expect(gone.place).toMatchObject({ segment: "installed", sort: "size" });
    expect(told(gone, snapshot()).place.segment).toBe("installed");
  });

  it("takes changes, and keeps what has not changed as it is", () => {
    const next = told(there, changed([modelRow("b", { loaded: true })], ["ollama/a"]));
    expect(next.models.map(({ name }) => name)).toEqual(["b"]);
    const more = told(there, changed([modelRow("c")]));
    expect(more.models[0]).toBe(there.models[0]);
    expect(more.models).toHaveLength(3);
  });

  it("knows how far the kernel's clock is ahead", () => {
    expect(there.ahead).toBe(5);
    expect(told(there, changed([])).ahead).toBe(0);
  });

  it("shows a job that failed while it was seen, until that is dismissed", () => {
    const running = told(there, jobs(job(1), job(2)));
    const ended = told(running, jobs(job(1, { state: "failed" })));
    expect(ended.failed).toEqual(["1"]);
    // One that had failed before is no news.
    const failed = [job(1, { state: "failed" }), job(7, { state: "failed" })];
    const late = told(ended, snapshot({ jobs: failed }));
    expect(late.failed).toEqual(["1"]);
    expect(told(late, jobs(job(7, { state: "failed" }))).failed).toEqual(["1"]);
    const dismissed = told(late, { event: "dismiss", data: { job: "1" } });
    expect(dismissed.failed).toEqual([]);
    const forgotten = told(ended, {
      event: "jobs",
      data: { changed: [], forgotten: ["1"] },
    });
    expect(forgotten.failed).toEqual([]);
  });

  it("shows a job that failed before it was seen running", () => {
    expect(told(there, jobs(job(1, { state: "failed" }))).failed).toEqual(["1"]);
  });

  it("forgets that there is an update once the model is another", () => {
    const update = { model: "ollama/a", available: true, note: "" };
    const marked = told(there, { event: "updates", data: { models: [update] } });
    expect(marked.updates["ollama/a"]?.available).toBe(true);
    expect(told(marked, changed([modelRow("b")])).updates["ollama/a"]).toBeDefined();
    const pulled = told(marked, changed([modelRow("a", { digest: "new" })]));
    expect(pulled.updates["ollama/a"]).toBeUndefined();
    expect(told(marked, changed([], ["ollama/a"])).updates).toEqual({});
  });

  it("says what is being done with a model until it is done", () => {
    const ids = ["ollama/a"];
    const doing = told(there, { event: "doing", data: { ids, words: "Deleting…" } });
    expect(doing.doing).toEqual({ "ollama/a": "Deleting…" });
    expect(told(doing, { event: "doing", data: { ids, words: "" } }).doing).toEqual({});
  });

  it("is lost until the kernel answers", () => {
    const lost = told(there, { event: "lost", data: { lost: true } });
    expect(lost.lost).toBe(true);
    expect(told(lost, snapshot()).lost).toBe(false);
    expect(lost.models).toEqual(there.models);
  });
});

describe("errors", () => {
  it("offer the names that their hint has", () => {
    const names = (hint: string | null) => offered({ hint })?.names;
    expect(names("Did you mean llama3.2:1b, `qwen3:8b` or hf.co/a/b:Q4_K_M?")).toEqual([
      "llama3.2:1b",
      "qwen3:8b",
      "hf.co/a/b:Q4_K_M",
    ]);
    expect(names("It has llama3.2:1b, llama3.2:3b, ...")).toEqual([
      "llama3.2:1b",
      "llama3.2:3b",
    ]);
    expect(offered({ hint: "Near it: llama3.2, qwen2.5." })).toEqual({
      words: "Near it:",
      names: ["llama3.2", "qwen2.5"],
    });
    expect(names("Start it.")).toBeUndefined();
    expect(names("Did you mean <b>x</b>?")).toBeUndefined();
    expect(names(null)).toBeUndefined();
  });

  it("are one line with their hint", () => {
    expect(line({ message: "It failed.", hint: "Run `x`." })).toBe("It failed. Run x.");
    expect(line({ message: "It failed.", hint: null })).toBe("It failed.");
  });
});
