import fc from "fast-check";
import { expect, test } from "vitest";
import {
  anchors,
  aspects,
  extend,
  sidesBeyond,
  sidesForAspect,
  sidesForBoard,
} from "../../../../plugin/ui/state/extension.ts";

const part = { x: 0, y: 0, width: 480, height: 320 };

test.each([
  ["1:1", "centre", { left: 0, right: 0, top: 80, bottom: 80 }],
  ["16:9", "centre", { left: 45, right: 44, top: 0, bottom: 0 }],
  ["16:9", "start", { left: 0, right: 89, top: 0, bottom: 0 }],
  ["9:16", "end", { left: 0, right: 0, top: 533, bottom: 0 }],
] as const)("brings a 480 × 320 picture to %s with the picture at the %s", (aspect, anchor, sides) => {
  expect(sidesForAspect(part, aspect, anchor)).toEqual(sides);
});

const rectangle = fc.record({
  x: fc.integer({ min: -2_000, max: 2_000 }),
  y: fc.integer({ min: -2_000, max: 2_000 }),
  width: fc.integer({ min: 1, max: 4_000 }),
  height: fc.integer({ min: 1, max: 4_000 }),
});

test("reaches every format to the nearest pixel without ever cutting the picture", () => {
  fc.assert(
    fc.property(rectangle, fc.constantFrom(...aspects), fc.constantFrom(...anchors), (picture, aspect, anchor) => {
      const sides = sidesForAspect(picture, aspect, anchor);
      expect(Math.min(...Object.values(sides))).toBeGreaterThanOrEqual(0);
      const { width, height } = extend(picture, sides);
      const [across, down] = aspect.split(":").map(Number) as [number, number];
      const error = Math.min(Math.abs((height * across) / down - width), Math.abs((width * down) / across - height));
      expect(error).toBeLessThanOrEqual(0.5);
    }),
  );
});

test("covers the board and loses nothing of the picture that reaches beyond it", () => {
  fc.assert(
    fc.property(rectangle, rectangle, (picture, board) => {
      const frame = extend(picture, sidesForBoard(picture, board));
      for (const inner of [picture, board]) {
        expect(frame.x).toBeLessThanOrEqual(inner.x);
        expect(frame.y).toBeLessThanOrEqual(inner.y);
        expect(frame.x + frame.width).toBeGreaterThanOrEqual(inner.x + inner.width);
        expect(frame.y + frame.height).toBeGreaterThanOrEqual(inner.y + inner.height);
      }
    }),
  );
});

test("draws only what lies beyond the whole picture, not what its shape crops away", () => {
  // A third of the picture is cropped away on either side.
  const frame = extend({ x: 160, y: 0, width: 160, height: 320 }, { left: 200, right: 100, top: 0, bottom: 7 });
  expect(sidesBeyond(frame, { width: 480, height: 320 })).toEqual({ left: 40, right: 0, top: 0, bottom: 7 });
});
