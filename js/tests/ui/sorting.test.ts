import { expect, it } from "vitest";
import { pressed, sorted } from "../../src/ui/sorting";

it("goes from up to down to as it came", () => {
  const up = pressed(null, "size");
  expect(up).toEqual({ key: "size", down: false });
  const down = pressed(up, "size");
  expect(down).toEqual({ key: "size", down: true });
  expect(pressed(down, "size")).toBeNull();
  expect(pressed(down, "name")).toEqual({ key: "name", down: false });
});

const by = (values: readonly unknown[], down = false) =>
  sorted(values, (value) => value as string, down);

it("sorts numbers as numbers, also in words", () => {
  expect(by([10, 9, 100])).toEqual([9, 10, 100]);
  expect(by(["m:10b", "m:9b"])).toEqual(["m:9b", "m:10b"]);
  expect(by([10, 9, 100], true)).toEqual([100, 10, 9]);
});

it("puts what has no value last, whichever way", () => {
  const values = [null, "b", "", "a", Number.NaN];
  expect(by(values)).toEqual(["a", "b", null, "", Number.NaN]);
  expect(by(values, true)).toEqual(["b", "a", null, "", Number.NaN]);
});

it("leaves equals and the rows it was given where they are", () => {
  const rows = [
    { n: 1, s: "x" },
    { n: 1, s: "y" },
    { n: 0, s: "z" },
  ] as const;
  const up = sorted(rows, ({ n }) => n, false).map(({ s }) => s);
  expect(up).toEqual(["z", "x", "y"]);
  expect(sorted(rows, ({ n }) => n, true).map(({ s }) => s)).toEqual(["x", "y", "z"]);
  expect(rows[0].s).toBe("x");
  expect(sorted(rows, undefined, true)).toBe(rows);
});
