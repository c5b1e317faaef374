import { describe, expect, it } from "vitest";
import {
  type CreateForm,
  edited,
  emptyForm,
  formFrom,
  keyed,
  lacking,
  paramsOf,
  quantizable,
  replaced,
} from "../../src/models/form";
import { suggestion } from "../../src/models/quantizing";
import { modelRow } from "../wire";

const ROWS = [
  modelRow("qwen3:8b"),
  modelRow("qwen3:8b-fp16", { quantization: "F16" }),
  modelRow("old:latest", { quantization: "F32" }),
];

const form = (more: Partial<CreateForm> = {}): CreateForm => ({
  ...emptyForm,
  ...more,
});

const from = (source: string) =>
  form({ sources: { ...emptyForm.sources, model: source } });

describe("the form of a new model", () => {
  it("begins at an installed model, and keeps a name that was typed", () => {
    const [row] = ROWS as [(typeof ROWS)[0]];
    expect(formFrom(form(), row)).toMatchObject({ start: "model", name: "qwen3-mine" });
    expect(formFrom(form({ name: "x" }), row).name).toBe("x");
    const far = modelRow("hf.co/a/b:Q4_K_M");
    expect(formFrom(form(), far).name).toBe("b-mine");
    expect(formFrom(form(), modelRow("host:5000/a/b:c")).name).toBe("b-mine");
  });

  it("says what it lacks", () => {
    expect(lacking(form())).toBe("Say what it starts from.");
    expect(lacking(from("ollama/qwen3:8b"))).toBe("Give it a name.");
    expect(lacking({ ...from("ollama/qwen3:8b"), name: "x" })).toBe("");
  });

  it("offers to quantize only what can be", () => {
    expect(quantizable(from("ollama/qwen3:8b"), ROWS)).toBe(false);
    expect(quantizable(from("ollama/qwen3:8b-fp16"), ROWS)).toBe(true);
    expect(quantizable(from("ollama/old:latest"), ROWS)).toBe(false);
    expect(quantizable(form({ start: "gguf" }), ROWS)).toBe(true);
    const hub = (hub: string) =>
      form({ start: "hub", sources: { ...emptyForm.sources, hub } });
    expect(quantizable(hub("hf.co/a/b:Q4_K_M"), ROWS)).toBe(false);
    expect(quantizable(hub("hf.co/a/b:BF16"), ROWS)).toBe(true);
  });

  it("sends neither empty rows nor a type that no longer applies", () => {
    const full = {
      ...from("ollama/qwen3:8b"),
      name: " x ",
      quantize: "Q8_0",
      parameters: [
        keyed({ name: "", value: "1" }),
        keyed({ name: "seed", value: "1" }),
      ],
      messages: [keyed({ role: "user" as const, content: " " })],
    };
    expect(paramsOf(full, ROWS)).toMatchObject({
      name: "x",
      quantize: "",
      parameters: [{ name: "seed", value: "1" }],
      messages: [],
    });
  });

  it("knows which model it would replace", () => {
    expect(replaced("qwen3:8b", ROWS)?.name).toBe("qwen3:8b");
    expect(replaced(" ollama/old ", ROWS)?.name).toBe("old:latest");
    expect(replaced("qwen3", ROWS)).toBeUndefined();
    expect(replaced("", ROWS)).toBeUndefined();
  });

  it("changes one row and leaves the others", () => {
    const rows = [keyed({ name: "a" }), keyed({ name: "b" })];
    const [first, second] = rows as [(typeof rows)[0], (typeof rows)[0]];
    const next = edited(rows, second.key, { name: "c" });
    expect(next.map(({ name }) => name)).toEqual(["a", "c"]);
    expect(next[0]).toBe(first);
    expect(edited(rows, first.key, null)).toEqual([second]);
  });
});

describe("what is proposed for what is quantized", () => {
  const proposed = (source: string, place: "ollama" | "embedded" | "file") =>
    suggestion({ source, type: "Q4_K_M", place, target: "" });

  it("is the name of the model, with the type in its tag", () => {
    expect(proposed("ollama/qwen3:8b-fp16", "ollama")).toBe("qwen3:8b-Q4_K_M");
    expect(proposed("ollama/mine:latest", "ollama")).toBe("mine:Q4_K_M");
    expect(proposed("ollama/mine:f16", "ollama")).toBe("mine:Q4_K_M");
    expect(proposed("ollama/box:80/me/x:1b", "ollama")).toBe("box:80/me/x:1b-Q4_K_M");
    expect(proposed("embedded/tiny", "ollama")).toBe("tiny:Q4_K_M");
    expect(proposed("ollama/me/a:1b-bf16", "embedded")).toBe("me-a-1b-Q4_K_M");
    expect(proposed("ollama/a:1b-fp16", "file")).toBe("a-1b-Q4_K_M.gguf");
  });

  it("is beside a file, and named after it", () => {
    expect(proposed("m/My-F16.gguf", "file")).toBe("m/My-Q4_K_M.gguf");
    expect(proposed("C:\\m\\x.BF16.gguf", "file")).toBe("C:\\m\\x-Q4_K_M.gguf");
    expect(proposed("m/My-F16.gguf", "ollama")).toBe("my-q4_k_m");
    expect(proposed("m/My-F16.gguf", "embedded")).toBe("My-Q4_K_M");
    expect(proposed(" ", "file")).toBe("");
  });
});
