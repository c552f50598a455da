import fc from "fast-check";
import { expect, test } from "vitest";
import { MaskStroke, type Point } from "../../../../plugin/ui/masks/mask-stroke.ts";
import { TiledMask } from "../../../../plugin/ui/masks/tiled-mask.ts";
import type { PixelRect } from "../../../../shared/protocol/geometry.ts";
import { paintedPixels } from "../support/painted-pixels.ts";

const size = { width: 300, height: 280 };
const everything: PixelRect = { x: 0, y: 0, ...size };

function distanceToSegment(point: Point, from: Point, to: Point): number {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const lengthSquared = dx * dx + dy * dy;
  const t = lengthSquared === 0 ? 0 : ((point.x - from.x) * dx + (point.y - from.y) * dy) / lengthSquared;
  const clamped = Math.min(1, Math.max(0, t));
  return Math.hypot(point.x - from.x - clamped * dx, point.y - from.y - clamped * dy);
}

test("paints exactly the pixels whose centre lies within the radius of the line", () => {
  const coordinate = fc.double({ min: -40, max: 340, noNaN: true });
  const point = fc.record({ x: coordinate, y: coordinate });
  fc.assert(
    fc.property(point, point, fc.double({ min: Math.SQRT1_2, max: 60, noNaN: true }), (from, to, radius) => {
      const mask = new TiledMask(size);
      new MaskStroke(mask, { mode: "paint", radius, clip: everything }).drawLine(from, to);
      for (let y = 0; y < size.height; y += 3) {
        for (let x = 0; x < size.width; x += 3) {
          const distance = distanceToSegment({ x: x + 0.5, y: y + 0.5 }, from, to);
          // Exactly on the rim, rounding decides.
          if (Math.abs(distance - radius) < 1e-6) continue;
          if (mask.isPainted(x, y) !== distance < radius) return false;
        }
      }
      return true;
    }),
    { numRuns: 40 },
  );
});

test("paints the pixel under the pointer, and every one that the line crosses, with the finest brush", () => {
  const coordinate = fc.double({ min: 0, max: 279.99, noNaN: true });
  const point = fc.record({ x: coordinate, y: coordinate });
  fc.assert(
    fc.property(point, point, (from, to) => {
      const mask = new TiledMask(size);
      const area = new MaskStroke(mask, { mode: "paint", radius: 0.5, clip: everything }).drawLine(from, to)!;
      for (const share of [0, 0.31, 0.5, 0.77, 1]) {
        const x = Math.floor(from.x + share * (to.x - from.x));
        const y = Math.floor(from.y + share * (to.y - from.y));
        if (!mask.isPainted(x, y) || y < area.y || y >= area.y + area.height) return false;
      }
      return true;
    }),
  );
  const mask = new TiledMask(size);
  const corner = { x: 100.02, y: 40.97 };
  new MaskStroke(mask, { mode: "paint", radius: 0.5, clip: everything }).drawLine(corner, corner);
  expect(paintedPixels(mask)).toEqual([[100, 40]]);
});

test("reports a rectangle that holds every painted pixel", () => {
  const mask = new TiledMask(size);
  const area = new MaskStroke(mask, { mode: "paint", radius: 9, clip: everything }).drawLine(
    { x: 240, y: 30 },
    { x: 270, y: 265 },
  )!;
  for (const [x, y] of paintedPixels(mask)) {
    expect(x >= area.x && x < area.x + area.width && y >= area.y && y < area.y + area.height).toBe(true);
  }
});

test("paints nothing outside the part of the picture that shows", () => {
  const mask = new TiledMask(size);
  const clip = { x: 100, y: 50, width: 60, height: 40 };
  new MaskStroke(mask, { mode: "paint", radius: 200, clip }).drawLine({ x: 130, y: 70 }, { x: 131, y: 70 });
  const painted = paintedPixels(mask);
  expect(painted).toHaveLength(60 * 40);
  expect(painted[0]).toEqual([100, 50]);
  expect(painted.at(-1)).toEqual([159, 89]);
});

test("leaves an empty mask behind when everything painted is erased", () => {
  const mask = new TiledMask(size);
  const at = { x: 256, y: 256 };
  const paint = new MaskStroke(mask, { mode: "paint", radius: 12, clip: everything });
  paint.drawLine(at, at);
  paint.finish();
  expect(mask.isEmpty).toBe(false);
  const erase = new MaskStroke(mask, { mode: "erase", radius: 14, clip: everything });
  erase.drawLine(at, at);
  erase.finish();
  expect(mask.isEmpty).toBe(true);
});

test("takes a cancelled stroke back without a trace", () => {
  const mask = new TiledMask(size);
  const first = new MaskStroke(mask, { mode: "paint", radius: 10, clip: everything });
  first.drawLine({ x: 40, y: 40 }, { x: 90, y: 40 });
  first.finish();
  const before = paintedPixels(mask);
  const second = new MaskStroke(mask, { mode: "erase", radius: 30, clip: everything });
  second.drawLine({ x: 40, y: 40 }, { x: 200, y: 200 });
  second.cancel();
  expect(paintedPixels(mask)).toEqual(before);
  expect(second.finish().size).toBe(0);
});
