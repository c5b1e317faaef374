import { expect, it } from "vitest";
import { bytes, count, duration, fraction, progressLine } from "../../src/ui/amounts";
import { progress } from "../wire";

it("writes amounts as people do", () => {
  expect([0, 999, 1000, 90_200_000, 999_999, 4.2e9].map(bytes)).toEqual([
    "0 B",
    "999 B",
    "1.0 kB",
    "90.2 MB",
    "1.0 MB",
    "4.2 GB",
  ]);
  expect([0.2, 59, 61, 3700].map(duration)).toEqual([
    "1 s",
    "59 s",
    "1 min 1 s",
    "1 h 1 min",
  ]);
  expect([999, 8192, 131072, 999_499, 999_500, 2e6].map(count)).toEqual([
    "999",
    "8,192",
    "131k",
    "999k",
    "1.0M",
    "2.0M",
  ]);
});

it("says only what is known of a progress", () => {
  expect(
    progressLine({
      phase: "p",
      done: 5e6,
      total: 1e7,
      unit: "bytes",
      rate: 1e6,
      eta: 5,
    }),
  ).toBe("5.0 MB of 10.0 MB · 1.0 MB/s · about 5 s left");
  expect(progressLine(progress({ done: 3, total: 1200, unit: "items" }))).toBe(
    "3 of 1,200",
  );
  expect(progressLine(progress())).toBe("");
  expect(fraction(progress({ done: 5, total: 4 }))).toBe(1);
  expect(fraction(progress({ done: 5 }))).toBeNull();
  // Of several phases, the bar shows the whole.
  expect(fraction(progress({ done: 9, total: 10, percent: 27 }))).toBe(0.27);
  expect(fraction(progress({ percent: 101 }))).toBe(1);
});
