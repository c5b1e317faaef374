import { expect, it } from "vitest";
import { move, turn, typed } from "../../src/ui/roving";

it("moves by its own axis and stops at the ends", () => {
  expect(move("ArrowDown", 0, 3)).toBe(1);
  expect(move("ArrowDown", 2, 3)).toBe(2);
  expect(move("ArrowUp", 0, 3)).toBe(0);
  expect(move("ArrowRight", 0, 3)).toBeUndefined();
  expect(move("ArrowRight", 0, 3, "x")).toBe(1);
  expect(move("Home", 2, 3)).toBe(0);
  expect(move("End", 0, 3)).toBe(2);
  expect(move("ArrowDown", -1, 3)).toBe(0);
  expect(move("ArrowDown", -1, 0)).toBeUndefined();
});

it("turns at the ends", () => {
  expect(turn("ArrowDown", 2, 3)).toBe(0);
  expect(turn("ArrowUp", 0, 3)).toBe(2);
  expect(turn("Home", 0, 3)).toBe(0);
  expect(turn("End", 2, 3)).toBe(2);
  expect(turn("x", 0, 3)).toBeUndefined();
  expect(turn("ArrowDown", 0, 1)).toBe(0);
});

it("finds the next that begins with a letter", () => {
  const labels = ["Delete", "Export", "Edit"];
  expect(typed("e", 0, labels)).toBe(1);
  expect(typed("E", 1, labels)).toBe(2);
  expect(typed("e", 2, labels)).toBe(1);
  expect(typed("x", 0, labels)).toBe(-1);
  expect(typed("Enter", 0, labels)).toBe(-1);
  expect(typed(" ", 0, labels)).toBe(-1);
});
