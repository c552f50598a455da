import { describe, expect, test } from "vitest";
import { anchorFlatGround } from "../../../../shared/editing/layer/anchor-flat-ground.ts";
import type { FloatImage } from "../../../../shared/imaging/float-image.ts";
import { largestDifference } from "../../../support/largest-difference.ts";

const SIDE = 128;
const CELL = 8;
const known = { x: 0, y: 0, width: 64, height: SIDE };
const repaint = Float32Array.from({ length: SIDE * SIDE }, (_, i) => (i % SIDE >= 64 ? 1 : 0));
const anchoring = { repaint, known, cell: CELL, wanted: "surroundings" } as const;

function picture(value: (x: number, y: number) => number): FloatImage {
  const data = Float32Array.from({ length: SIDE * SIDE * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3);
    return value(pixel % SIDE, Math.floor(pixel / SIDE));
  });
  return { width: SIDE, height: SIDE, channels: 3, data };
}

const at = ({ data }: FloatImage, x: number, y: number): number => data[(y * SIDE + x) * 3]!;
/** Grain of a deviation of about 2 levels. */
const grain = (x: number, y: number): number => ((x * 37 + y * 101 + x * y * 7) % 7) - 3;

function mean(image: FloatImage, left: number): number {
  let sum = 0;
  for (let y = 0; y < SIDE; y += 1) for (let x = left; x < SIDE; x += 1) sum += at(image, x, y);
  return sum / (SIDE * (SIDE - left));
}

describe("anchorFlatGround", () => {
  test("takes back what a drawing of flat ground drifted by, to the far end", () => {
    const drawn = picture((x) => (x < 64 ? 120 : 120 + (x - 64) / 8));
    const anchored = anchorFlatGround(
      drawn,
      picture(() => 120),
      anchoring,
    );
    for (const x of [64, 90, 112, 127]) expect(Math.abs(at(anchored, x, 60) - 120)).toBeLessThan(1);
  });

  test("keeps the drawing's texture", () => {
    const drawn = picture((x, y) => 126 + grain(x, y));
    const anchored = anchorFlatGround(
      drawn,
      picture((x, y) => 120 + grain(x, y)),
      anchoring,
    );
    expect(mean(anchored, 96)).toBeCloseTo(120, 0);
    const deviation = (image: FloatImage): number => {
      const middle = mean(image, 96);
      let sum = 0;
      for (let y = 0; y < SIDE; y += 1) for (let x = 96; x < SIDE; x += 1) sum += (at(image, x, y) - middle) ** 2;
      return Math.sqrt(sum / (SIDE * 32));
    };
    expect(deviation(anchored)).toBeGreaterThan(0.9 * deviation(drawn));
  });

  test("leaves what is plainly another thing, and whatever goes on from uneven ground", () => {
    const flat = picture(() => 120);
    const asked = picture((x) => (x < 64 ? 120 : 140));
    const prompted = { ...anchoring, wanted: "something-new" } as const;
    expect(largestDifference(anchorFlatGround(asked, flat, prompted).data, asked.data)).toBe(0);
    const other = picture((x) => (x < 64 ? 120 : 230));
    expect(largestDifference(anchorFlatGround(other, flat, anchoring).data, other.data)).toBe(0);
    const uneven = picture((_, y) => (Math.floor(y / 8) % 2 === 0 ? 80 : 160));
    const lighter = picture((_, y) => (Math.floor(y / 8) % 2 === 0 ? 88 : 168));
    expect(largestDifference(anchorFlatGround(lighter, uneven, anchoring).data, lighter.data)).toBe(0);
  });

  test("changes nothing of what the model was to keep", () => {
    const drawn = picture(() => 126);
    const anchored = anchorFlatGround(
      drawn,
      picture(() => 120),
      anchoring,
    );
    for (const x of [0, 30, 63]) expect(at(anchored, x, 40)).toBe(126);
  });
});
