import { describe, expect, it } from "vitest";
import {
  declared,
  edited,
  editOf,
  emptyForm,
  formOf,
  formOfEdit,
  moved,
  tagsOf,
  undeclared,
  unused,
} from "../../src/prompts/form";
import type { PromptData } from "../../src/protocol";
import { promptData } from "../wire";

const prompt: PromptData = promptData("summarize", {
  version: 4,
  tags: ["a", "b c"],
  messages: [
    { role: "system", text: "In {{lang}}, {{ tone }}." },
    { role: "user", text: "Go: {{lang.upper}} {{{no}}}" },
  ],
  variables: [
    { name: "lang", default: null, description: "" },
    { name: "tone", default: "", description: "how" },
    { name: "idle", default: "x", description: "" },
  ],
});

describe("the form of a prompt", () => {
  it("says what the prompt says, and from which version it began", () => {
    const edit = editOf(formOf(prompt));
    expect(edit).toMatchObject({ of: "summarize", base: 4, tags: ["a", "b c"] });
    expect(edit.messages).toEqual(prompt.messages);
    expect(edit.variables).toEqual(prompt.variables);
    expect(editOf(formOfEdit(edit))).toEqual(edit);
  });

  it("takes an empty default for one that may stay empty", () => {
    const form = formOf(prompt);
    expect(form.variables.map(({ optional }) => optional)).toEqual([
      false,
      true,
      false,
    ]);
    const [first] = form.variables;
    const now = edited(form.variables, first?.key ?? 0, { optional: true });
    expect(editOf({ ...form, variables: now }).variables[0]?.default).toBe("");
  });

  it("leaves out variables of which nothing was typed", () => {
    const form = declared(emptyForm(), "");
    expect(editOf(form).variables).toEqual([]);
    expect(editOf(declared(form, " x ")).variables).toHaveLength(1);
    expect(editOf(declared(form, " x ")).variables[0]?.name).toBe("x");
  });

  it("offers the names in braces that are no variables, and marks idle ones", () => {
    const form = formOf(prompt);
    expect(undeclared(form)).toEqual([]);
    const fewer = { ...form, variables: form.variables.slice(1) };
    expect(undeclared(fewer)).toEqual(["lang"]);
    expect(undeclared(declared(fewer, "lang"))).toEqual([]);
    expect([...unused(form)]).toEqual(["idle"]);
  });

  it("moves rows within their bounds, and keeps what they are", () => {
    const { messages } = formOf(prompt);
    const [a, b] = messages;
    expect(moved(messages, a?.key ?? 0, 1)).toEqual([b, a]);
    expect(moved(messages, a?.key ?? 0, -1)).toEqual([a, b]);
    expect(edited(messages, a?.key ?? 0, null)).toEqual([b]);
  });

  it("reads tags between commas", () => {
    expect(tagsOf(" a, ,b c ,")).toEqual(["a", "b c"]);
  });
});
