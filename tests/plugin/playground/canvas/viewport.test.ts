import fc from "fast-check";
import { expect, test } from "vitest";
import { pan, toPage, toScreen, viewportFor, zoomAt } from "../../../../plugin/playground/canvas/viewport.ts";

test("keeps the point under the pointer in place while zooming", () => {
  const number = fc.double({ min: -1000, max: 1000, noNaN: true });
  fc.assert(
    fc.property(number, number, fc.double({ min: 0.05, max: 20, noNaN: true }), (x, y, zoom) => {
      const before = { x: 3, y: -4, zoom: 0.7 };
      const after = zoomAt(before, { x, y }, zoom);
      const moved = toScreen(after, toPage(before, { x, y }));
      expect(moved.x).toBeCloseTo(x, 6);
      expect(moved.y).toBeCloseTo(y, 6);
    }),
  );
});

test("shows all of a large page in the middle of the canvas", () => {
  const page = { x: 100, y: 200, width: 2000, height: 500 };
  const viewport = viewportFor(page, { width: 1000, height: 800 });
  const corner = toScreen(viewport, page);
  const opposite = toScreen(viewport, { x: 2100, y: 700 });
  expect(corner.x).toBeCloseTo(1000 - opposite.x, 6);
  expect(corner.y).toBeCloseTo(800 - opposite.y, 6);
  expect(corner.x).toBeGreaterThan(0);
});

test("does not enlarge a small page", () => {
  expect(viewportFor({ x: 0, y: 0, width: 10, height: 10 }, { width: 500, height: 500 }).zoom).toBe(1);
});

test("pans by what the pointer moved, at any zoom", () => {
  expect(toScreen(pan({ x: 0, y: 0, zoom: 4 }, { x: 12, y: -8 }), { x: 0, y: 0 })).toEqual({ x: 12, y: -8 });
});
