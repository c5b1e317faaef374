import { expect, it } from "vitest";
import { listed } from "../../src/ui/Progress";

const layer = (name: string, done: number, total = 10) => ({ name, done, total });

it("lists the files that move first, then those that wait, and six at most", () => {
  const come = ["a", "b", "c", "d"].map((name) => layer(name, 10));
  const [shown, rest] = listed([
    ...come,
    layer("waits", 0),
    layer("small", 1, 5),
    layer("large", 1, 50),
  ]);
  expect(shown.map(({ name }) => name)).toEqual([
    "large",
    "small",
    "waits",
    "a",
    "b",
    "c",
  ]);
  expect(rest.map(({ name }) => name)).toEqual(["d"]);
});
