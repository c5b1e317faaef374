import { expect, it } from "vitest";
import { optionsOf, textsOf, wrong } from "../../src/chat/option-fields";

it("says what is wrong with a number, and nothing of one that is left out", () => {
  const heat = { kind: "number", least: 0, most: 2 } as const;
  expect(["", " ", "0", "1.5", "2"].map((text) => wrong(text, heat))).toEqual(
    Array(5).fill(undefined),
  );
  expect(wrong("2.1", heat)).toBe("At most 2.");
  expect(wrong("-1", heat)).toBe("At least 0.");
  expect(wrong("warm", heat)).toBe("Enter a number.");
  expect(wrong("1.5", { kind: "whole" })).toBe("Enter a whole number.");
});

it("says what is wrong with a time and a list", () => {
  expect(
    ["5m", "0", "-1", "1h30m"].map((text) => wrong(text, { kind: "text" })),
  ).toEqual(Array(4).fill(undefined));
  expect(wrong("soon", { kind: "text" })).toBe("A time like 5m, 0 or -1.");
  expect(wrong("a\n".repeat(17), { kind: "lines" })).toBe("At most 16 lines.");
});

it("gives back the options that it shows, whatever is in them", () => {
  const options = {
    system: "Be brief.",
    temperature: 0.5,
    seed: -3,
    stop: ["\n", "END", "\\n"],
    reasoning: "low",
    context_window: 8192,
    keep_alive: "5m",
  } as const;
  expect(optionsOf(textsOf({ ...options, stop: [...options.stop] }))).toEqual(options);
});

it("keeps the memory unless it is removed", () => {
  expect(optionsOf({}, "I am Ann.")).toEqual({ memory: "I am Ann." });
  expect(optionsOf({}, "")).toEqual({ memory: "" });
  expect(optionsOf({}, undefined)).toEqual({});
});
