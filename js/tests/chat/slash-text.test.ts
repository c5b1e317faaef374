import { describe, expect, it } from "vitest";
import {
  commandOf,
  commandsLike,
  mistyped,
  runsAlone,
  slashed,
} from "../../src/chat/slash-text";
import type { SlashData } from "../../src/protocol";

const command = (name: string, more: Partial<SlashData> = {}): SlashData => ({
  name,
  arguments: "",
  help: "",
  aliases: [],
  group: "Conversation",
  question: "",
  decision: "",
  offers: false,
  ...more,
});

const ALL = [
  command("rename", { arguments: "NAME", aliases: ["session.name"] }),
  command("retry", { arguments: "[MODEL]" }),
  command("help", { aliases: ["?"] }),
  command("tab", { arguments: "N" }),
  command("history.clear", { group: "" }),
];

describe("a text", () => {
  it("is a command if its first word is one, whatever its case", () => {
    expect(commandOf("/rename My Talk ", ALL)).toMatchObject({
      command: { name: "rename" },
      argument: "My Talk",
    });
    expect(commandOf("/Session.Name x", ALL)?.command.name).toBe("rename");
    expect(commandOf("/?", ALL)?.command.name).toBe("help");
    expect(commandOf("/t.2", ALL)).toMatchObject({ name: "t.2" });
  });

  it("is no command if it only looks like one", () => {
    for (const text of ["/usr/bin", "/etc", " /help", "//help", "/renames", "a /help"])
      expect(commandOf(text, ALL)).toBeNull();
  });

  it("keeps quotes and lines of an argument", () => {
    expect(commandOf('/rename "A b"\nc', ALL)?.argument).toBe('"A b"\nc');
  });
});

describe("what is being typed", () => {
  it("is a name, a prompt's name, or an argument", () => {
    expect(slashed("/", ALL)).toEqual({ kind: "name", query: "" });
    expect(slashed("/sum pap", ALL)).toEqual({ kind: "name", query: "sum pap" });
    expect(slashed("//sum", ALL)).toEqual({ kind: "prompt", query: "sum" });
    expect(slashed("/rename ", ALL)).toMatchObject({ kind: "argument", argument: "" });
    expect(slashed("/usr/bin", ALL)).toBeNull();
  });
});

describe("commands", () => {
  const like = (query: string) =>
    commandsLike(query, ALL).map(({ command }) => command.name);

  it("are offered by the beginning of a name or an alias, hidden ones never", () => {
    expect(like("re").slice(0, 2).sort()).toEqual(["rename", "retry"]);
    expect(like("session")[0]).toBe("rename");
    expect(like("")).toEqual(["rename", "retry", "help", "tab"]);
    expect(like("history")).not.toContain("history.clear");
  });

  it("run without an argument if none is needed", () => {
    expect(ALL.slice(0, 3).map(runsAlone)).toEqual([false, true, true]);
  });

  it("are meant by a name that is hardly another", () => {
    expect(mistyped("/renam Bob", ALL)).toBe("rename");
    expect(mistyped("/hlep", ALL)).toBeNull();
    expect(mistyped("/hel", ALL)).toBe("help");
    for (const text of ["/usr/bin", "/etc is full", "/rename x", "/", "what /renam"])
      expect(mistyped(text, ALL)).toBeNull();
  });
});
