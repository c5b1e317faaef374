import { expect, it } from "vitest";
import { feed } from "../src/event-order";

const watched = () => {
  const told: string[] = [];
  let gaps = 0;
  const ordered = feed(
    ({ event, data }) =>
      told.push(event === "snapshot" ? "all" : String((data as { n: number }).n)),
    () => gaps++,
  );
  const event = (seq: number) =>
    ordered.event({ type: "event", event: "delta", seq, data: { n: seq } });
  return { told, ordered, event, gaps: () => gaps };
};

it("waits for the first snapshot", () => {
  const { told, ordered, event, gaps } = watched();
  event(3);
  event(4);
  event(5);
  expect(told).toEqual([]);
  ordered.snapshot({ seq: 3 });
  expect(told).toEqual(["all", "4", "5"]);
  expect(gaps()).toBe(0);
});

it("drops what it already has", () => {
  const { told, ordered, event } = watched();
  ordered.snapshot({ seq: 3 });
  event(2);
  event(3);
  event(4);
  event(4);
  expect(told).toEqual(["all", "4"]);
});

it("asks on a gap and goes on after the snapshot", () => {
  const { told, ordered, event, gaps } = watched();
  ordered.snapshot({ seq: 1 });
  event(4);
  event(3);
  event(7);
  expect(told).toEqual(["all"]);
  expect(gaps()).toBeGreaterThan(0);
  ordered.snapshot({ seq: 3 });
  expect(told).toEqual(["all", "all", "4"]);
  event(5);
  event(6);
  expect(told).toEqual(["all", "all", "4", "5", "6", "7"]);
});

it("needs no snapshot when the missing events come late", () => {
  const { told, ordered, event } = watched();
  ordered.snapshot({ seq: 0 });
  event(2);
  event(1);
  expect(told).toEqual(["all", "1", "2"]);
});

it("drops a snapshot older than what it has", () => {
  const { told, ordered, event } = watched();
  ordered.snapshot({ seq: 3 });
  event(4);
  ordered.snapshot({ seq: 3 });
  expect(told).toEqual(["all", "4"]);
});

it("goes on from an unasked snapshot", () => {
  const { told, ordered, event } = watched();
  ordered.event({ type: "event", event: "snapshot", seq: 1, data: { seq: 0 } });
  event(2);
  expect(told).toEqual(["all", "2"]);
});
