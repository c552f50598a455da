import { describe, expect, test } from "vitest";
import { seamMeasure } from "../../../../benchmarks/quality/measures/seam-measure.ts";
import type { GrayImage, RgbaImage } from "../../../../shared/imaging/rgba-image.ts";

const SIDE = 96;

function picture(value: (x: number, y: number) => number): RgbaImage {
  const data = new Uint8Array(SIDE * SIDE * 4);
  for (let y = 0; y < SIDE; y += 1) {
    for (let x = 0; x < SIDE; x += 1) data.set([value(x, y), value(x, y), value(x, y), 255], (y * SIDE + x) * 4);
  }
  return { width: SIDE, height: SIDE, data };
}

const disc: GrayImage = {
  width: SIDE,
  height: SIDE,
  data: Uint8Array.from({ length: SIDE * SIDE }, (_, i) =>
    Math.hypot((i % SIDE) - 48, Math.floor(i / SIDE) - 48) <= 22 ? 255 : 0,
  ),
};
const isInside = (x: number, y: number) => disc.data[y * SIDE + x] === 255;
/** The same noise everywhere, so that nothing but a step can make a seam. */
const noise = (x: number, y: number) => (Math.imul(x * 73856093, y * 19349663 + 7) >>> 24) % 21;

describe("seamMeasure", () => {
  test("is about one where the contour is like its surroundings", () => {
    const measure = seamMeasure(
      picture((x, y) => 100 + noise(x, y)),
      disc,
      6,
    );
    expect(measure).toBeGreaterThan(0.9);
    expect(measure).toBeLessThan(1.15);
  });

  test("is exactly one on flat ground", () => {
    expect(
      seamMeasure(
        picture(() => 80),
        disc,
        4,
      ),
    ).toBe(1);
  });

  test("grows with a step across the contour", () => {
    const step = (height: number) =>
      seamMeasure(
        picture((x, y) => 100 + noise(x, y) + (isInside(x, y) ? height : 0)),
        disc,
      );
    expect(step(10)).toBeGreaterThan(step(0) + 0.1);
    expect(step(40)).toBeGreaterThan(step(10) + 1);
  });

  test("finds an edge that was moved outwards", () => {
    const ringed = picture((x, y) => 100 + (Math.hypot(x - 48, y - 48) <= 26 ? 40 : 0));
    expect(seamMeasure(ringed, disc, 0)).toBeLessThan(1.2);
    expect(seamMeasure(ringed, disc, 6)).toBeGreaterThan(3);
  });

  test("has nothing to measure when everything is painted", () => {
    const all = { width: SIDE, height: SIDE, data: new Uint8Array(SIDE * SIDE).fill(255) };
    expect(seamMeasure(picture(noise), all)).toBeNaN();
  });
});
