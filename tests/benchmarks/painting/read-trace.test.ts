import { expect, test } from "vitest";
import { readTrace, type TraceEvent } from "../../../benchmarks/painting/read-trace.ts";

/** A complete span; times in milliseconds. */
const span = (name: string, from: number, to: number, rest: Partial<TraceEvent> = {}): TraceEvent => ({
  name,
  ph: "X",
  ts: from * 1000,
  dur: (to - from) * 1000,
  pid: 1,
  tid: 1,
  ...rest,
});
const move = { args: { data: { type: "pointermove" } } };

test("counts script without the layout it forced, each span once, and the moves that forced one", () => {
  const costs = readTrace([
    span("EventDispatch", 0, 4, move),
    span("FunctionCall", 0.5, 3.5),
    span("Layout", 1, 3),
    span("EventDispatch", 10, 11, move),
    span("FireAnimationFrame", 12, 15),
    span("UpdateLayoutTree", 16, 17),
    span("Layout", 17, 18),
    span("Paint", 18, 21),
  ]);
  expect(costs).toEqual({ scriptMs: 6, layoutMs: 4, paintMs: 3, pointerEvents: 2, forcedLayouts: 1 });
});

test("looks at the thread that hears of the pointer alone", () => {
  const other = { tid: 2 };
  const costs = readTrace([
    span("EventDispatch", 0, 1, move),
    span("Layout", 0, 9, other),
    span("Paint", 9, 12, other),
  ]);
  expect(costs).toMatchObject({ layoutMs: 0, paintMs: 0, forcedLayouts: 0 });
});
