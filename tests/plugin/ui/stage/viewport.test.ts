import fc from "fast-check";
import { expect, test } from "vitest";
import { coveredPixels, fitView, toImagePoint, toViewRect, zoomAt } from "../../../../plugin/ui/stage/viewport.ts";

const view = { width: 640, height: 480 };

test("shows the whole part, as large as fits and in the middle", () => {
  const part = { x: 500, y: 0, width: 2000, height: 1000 };
  const fitted = toViewRect(fitView(part, view, 20), part);
  expect(fitted).toEqual({ x: 20, y: 90, width: 600, height: 300 });
});

test("does not blow a tiny picture up beyond recognition", () => {
  expect(fitView({ x: 0, y: 0, width: 1, height: 1 }, view, 0).scale).toBe(32);
});

test("keeps the image point under the pointer while zooming", () => {
  const inView = fc.record({
    x: fc.double({ min: 0, max: 640, noNaN: true }),
    y: fc.double({ min: 0, max: 480, noNaN: true }),
  });
  fc.assert(
    fc.property(inView, fc.double({ min: 0.2, max: 5, noNaN: true }), (anchor, factor) => {
      const before = fitView({ x: 0, y: 0, width: 3000, height: 1500 }, view, 8);
      const after = zoomAt(before, anchor, factor, 0.01);
      const from = toImagePoint(before, anchor);
      const to = toImagePoint(after, anchor);
      return Math.abs(from.x - to.x) < 1e-6 && Math.abs(from.y - to.y) < 1e-6;
    }),
  );
});

test("names the device pixels a change touches, inside the view only", () => {
  const half = { scale: 0.5, x: 10, y: 10 };
  expect(coveredPixels(half, { x: 3, y: 3, width: 5, height: 5 }, view, 1)).toEqual({
    x: 10,
    y: 10,
    width: 5,
    height: 5,
  });
  expect(coveredPixels(half, { x: -900, y: 0, width: 10, height: 10 }, view, 1)).toBeUndefined();
});
