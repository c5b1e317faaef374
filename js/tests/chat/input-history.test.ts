import { expect, it } from "vitest";
import { tooLong } from "../../src/chat/actions";
import { shown, start, step } from "../../src/chat/input-history";
import { dollars } from "../../src/ui/amounts";

it("walks back through what was asked and forth to what was typed", () => {
  let walk = start(["c", "typed", "b"], "typed");
  const seen: string[] = [];
  for (const by of [1, 1, 1, -1, -1, -1] as const) {
    walk = step(walk, by);
    seen.push(shown(walk));
  }
  expect(seen).toEqual(["c", "b", "b", "c", "typed", "typed"]);
});

it("stays with what was typed where nothing was asked yet", () => {
  const walk = start([], "typed");
  expect(step(walk, 1)).toBe(walk);
  expect(shown(walk)).toBe("typed");
});

it("says how much a question has too much, by what it takes on the wire", () => {
  expect(tooLong("x".repeat(3_999_000))).toBeNull();
  expect(tooLong("x".repeat(4_000_001))).toBe(
    "This is 4.0 MB; a question may have 4.0 MB.",
  );
  // Each takes six bytes as JSON, three as UTF-8.
  expect(tooLong("\u0001".repeat(700_000))).toContain("4.2 MB");
  expect(tooLong("日".repeat(1_400_000))).toContain("4.2 MB");
});

it("tells sums so that small ones can be told apart", () => {
  expect([0, 0.00001, 0.0123, 1.5].map(dollars)).toEqual([
    "$0.00",
    "<$0.0001",
    "$0.0123",
    "$1.50",
  ]);
});
