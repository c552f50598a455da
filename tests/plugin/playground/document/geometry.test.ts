import fc from "fast-check";
import { expect, test } from "vitest";
import {
  applyMatrix,
  boundsOf,
  boundsOfPoints,
  centerOf,
  contains,
  cornersOf,
  matrixOf,
  toLocal,
} from "../../../../plugin/playground/document/geometry.ts";

const placement = fc.record({
  x: fc.integer({ min: -1000, max: 1000 }),
  y: fc.integer({ min: -1000, max: 1000 }),
  width: fc.integer({ min: 1, max: 2000 }),
  height: fc.integer({ min: 1, max: 2000 }),
  rotation: fc.integer({ min: 0, max: 359 }),
  flipX: fc.boolean(),
  flipY: fc.boolean(),
});

test("rotates clockwise about the centre, after mirroring", () => {
  const box = { x: 10, y: 20, width: 100, height: 50, rotation: 90, flipX: true, flipY: false };
  // Mirrored, the top left corner lies right; a quarter turn takes it down.
  const [topLeft] = cornersOf(box);
  expect(topLeft).toEqual({ x: 85, y: 95 });
  expect(boundsOf(box)).toEqual({ x: 35, y: -5, width: 50, height: 100 });
});

test("keeps upright and quarter-turned boxes on exact coordinates", () => {
  for (const rotation of [0, 90, 180, 270])
    for (const { x, y } of cornersOf({ x: 1, y: 2, width: 30, height: 50, rotation, flipX: true, flipY: true })) {
      expect(x * 2).toBe(Math.round(x * 2));
      expect(y * 2).toBe(Math.round(y * 2));
    }
});

test("has its centre where it was, whatever the rotation and flips", () => {
  fc.assert(
    fc.property(placement, (box) => {
      const center = applyMatrix(matrixOf(box), { x: box.width / 2, y: box.height / 2 });
      expect(center.x).toBeCloseTo(centerOf(box).x, 6);
      expect(center.y).toBeCloseTo(centerOf(box).y, 6);
    }),
  );
});

test("finds back from the page into the box", () => {
  fc.assert(
    fc.property(placement, fc.double({ min: 0, max: 1, noNaN: true }), (box, share) => {
      const inside = { x: share * box.width, y: share * box.height };
      const back = toLocal(box, applyMatrix(matrixOf(box), inside));
      expect(back.x).toBeCloseTo(inside.x, 6);
      expect(back.y).toBeCloseTo(inside.y, 6);
    }),
  );
});

test("contains its centre and not what lies outside its bounds", () => {
  fc.assert(
    fc.property(placement, (box) => {
      const bounds = boundsOf(box);
      expect(contains(box, centerOf(box))).toBe(true);
      expect(contains(box, { x: bounds.x - 1, y: bounds.y - 1 })).toBe(false);
      expect(boundsOfPoints(cornersOf(box))).toEqual(bounds);
    }),
  );
});
