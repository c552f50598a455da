import fc from "fast-check";
import { expect, test } from "vitest";
import {
  anchorOf,
  anchors,
  aspectOf,
  aspects,
  extend,
  isNoSides,
  isSameSides,
  sidesAt,
  sidesBeyond,
  sidesForAspect,
  sidesForBoard,
} from "../../../../plugin/ui/extend/extension.ts";
import { uniteRects } from "../../../../shared/planning/sizes/unite-rects.ts";

const part = { x: 0, y: 0, width: 480, height: 320 };

test.each([
  ["1:1", "center", { left: 0, right: 0, top: 80, bottom: 80 }],
  ["16:9", "center", { left: 44, right: 45, top: 0, bottom: 0 }],
  ["16:9", "top-left", { left: 0, right: 89, top: 0, bottom: 0 }],
  ["9:16", "bottom-right", { left: 0, right: 0, top: 533, bottom: 0 }],
] as const)("brings a 480 × 320 picture to %s with the picture at the %s", (aspect, anchor, sides) => {
  expect(sidesForAspect(part, aspect, anchor)).toEqual(sides);
});

test.each(["left", "right", "top", "bottom"] as const)("tells an extension to the %s from none", (side) => {
  const none = { left: 0, right: 0, top: 0, bottom: 0 };
  expect(isNoSides(none)).toBe(true);
  expect(isNoSides({ ...none, [side]: 1 })).toBe(false);
  expect(isSameSides({ ...none, [side]: 1 }, none)).toBe(false);
  expect(isSameSides({ ...none, [side]: 1 }, { ...none, [side]: 1 })).toBe(true);
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

test("knows the format and the picture's place in it again from the sides alone", () => {
  fc.assert(
    fc.property(rectangle, fc.constantFrom(...aspects), fc.constantFrom(...anchors), (picture, aspect, anchor) => {
      // Few pixels have several formats at once.
      fc.pre(Math.min(picture.width, picture.height) > 20);
      const sides = sidesForAspect(picture, aspect, anchor);
      expect(aspectOf(extend(picture, sides))).toBe(aspect);
      // Where there is one new pixel, or none, not all places differ.
      if (sides.left + sides.right + sides.top + sides.bottom > 1) expect(anchorOf(picture, sides)).toBe(anchor);
    }),
  );
});

test("knows no format and no place once a border was moved", () => {
  expect(aspectOf(extend(part, { left: 44, right: 46, top: 0, bottom: 0 }))).toBeUndefined();
  expect(anchorOf(part, { left: 40, right: 49, top: 0, bottom: 0 })).toBeUndefined();
});

test("moves the picture in its frame without changing the frame's size", () => {
  const sides = { left: 40, right: 50, top: 7, bottom: 0 };
  expect(sidesAt(part, sides, "top-left")).toEqual({ left: 0, right: 90, top: 0, bottom: 7 });
  expect(sidesAt(part, sides, "bottom-right")).toEqual({ left: 90, right: 0, top: 7, bottom: 0 });
});

test("covers the board and loses nothing of the picture that reaches beyond it, and no more", () => {
  fc.assert(
    fc.property(rectangle, rectangle, (picture, board) => {
      expect(extend(picture, sidesForBoard(picture, board))).toEqual(uniteRects(picture, board));
    }),
  );
});

test("draws only what lies beyond the whole picture, not what its shape crops away", () => {
  // A third of the picture is cropped away on either side.
  const frame = extend({ x: 160, y: 0, width: 160, height: 320 }, { left: 200, right: 100, top: 9, bottom: 7 });
  expect(sidesBeyond(frame, { width: 480, height: 320 })).toEqual({ left: 40, right: 0, top: 9, bottom: 7 });
});
