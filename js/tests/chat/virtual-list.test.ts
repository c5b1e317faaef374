import { expect, it } from "vitest";
import { Heights, lastSpan, span } from "../../src/chat/virtual-list";

const keys = Array.from({ length: 1000 }, (_, index) => `k${index}`);
const whole = (heights: Heights) =>
  keys.reduce((sum, key) => sum + heights.get(key), 0);

it("covers what is seen and some on both sides, whatever the heights", () => {
  const heights = new Heights();
  for (const [index, key] of keys.entries())
    heights.set(key, 40 + ((index * 37) % 700));
  const all = whole(heights);
  for (let top = 0; top < all - 600; top += 1337) {
    const { from, to, before, after } = span(keys, heights, top, 600);
    const shown = keys.slice(from, to).reduce((sum, key) => sum + heights.get(key), 0);
    expect(before + shown + after).toBeCloseTo(all);
    expect(before).toBeLessThanOrEqual(Math.max(0, top));
    expect(before + shown).toBeGreaterThanOrEqual(Math.min(all, top + 600));
    expect(to - from).toBeLessThan(60);
  }
});

it("covers the end", () => {
  const heights = new Heights();
  const { from, to, before, after } = lastSpan(keys, heights, 600);
  expect(to).toBe(1000);
  expect(after).toBe(0);
  expect(before).toBe(240 * from);
  expect(to - from).toBeLessThan(12);
});

it("renders a few turns at least, however high they are", () => {
  const heights = new Heights();
  for (const key of keys) heights.set(key, 100_000);
  expect(lastSpan(keys, heights, 600).from).toBe(996);
  expect(span(keys, heights, 1e9, 600)).toMatchObject({ from: 996, to: 1000 });
  expect(span([], heights, 0, 600)).toEqual({ from: 0, to: 0, before: 0, after: 0 });
});

it("guesses by what was measured, and keeps to its guess", () => {
  const heights = new Heights();
  heights.set("a", 100);
  heights.set("b", 300);
  expect(heights.get("c")).toBe(200);
  heights.set("a", 900);
  expect(heights.get("c")).toBe(200);
  expect(heights.get("d")).toBe(600);
  heights.set("c", 50);
  expect(heights.get("c")).toBe(50);
  heights.keep(new Set(["b"]));
  expect(heights.get("a")).toBe(300);
});
