import { describe, expect, it } from "vitest";
import { chosen, initial, reduce } from "../../src/panel/reducer";
import type { TabData } from "../../src/protocol";

const tabs: TabData[] = [
  { name: "chat", title: "Chat" },
  { name: "jobs", title: "Jobs" },
];
const snapshot = {
  event: "snapshot",
  data: { seq: 0, tabs, model_id: "p", text: "" },
} as const;
const panel = reduce(initial, snapshot);

describe("the panel", () => {
  it("shows the first tab until another is chosen that there is", () => {
    expect(chosen(initial, undefined)).toBeUndefined();
    expect(chosen(panel, undefined)).toBe("chat");
    expect(chosen(panel, "jobs")).toBe("jobs");
    expect(chosen(panel, "gone")).toBe("chat");
  });

  it("knows of each tab what became of it, and of no other", () => {
    const opening = reduce(panel, { event: "opening", data: { tab: "jobs" } });
    expect(opening.opened).toEqual({ jobs: { state: "opening" } });
    const open = reduce(opening, {
      event: "opened",
      data: { tab: "jobs", model_id: "m1" },
    });
    expect(open.opened).toEqual({ jobs: { state: "open", id: "m1" } });
    const error = { code: "error", message: "No." };
    const failed = reduce(open, { event: "failed", data: { tab: "chat", error } });
    expect(failed.opened.chat).toEqual({ state: "failed", error });
    expect(failed.opened.jobs).toBe(open.opened.jobs);
  });

  it("keeps what is open when the kernel tells it all again", () => {
    const open = reduce(panel, {
      event: "opened",
      data: { tab: "jobs", model_id: "m1" },
    });
    const again = reduce(open, snapshot);
    expect(again.opened.jobs).toEqual({ state: "open", id: "m1" });
  });

  it("forgets what was open when nobody shows the panel any more", () => {
    const open = reduce(panel, {
      event: "opened",
      data: { tab: "jobs", model_id: "m1" },
    });
    expect(reduce(open, { event: "left" }).opened).toEqual({});
  });
});
