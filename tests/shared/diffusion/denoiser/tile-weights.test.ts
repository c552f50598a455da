import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tileWeights } from "../../../../shared/diffusion/denoiser/tile-weights.ts";

/** Tiles of one length, each starting at most `overlap` cells before the end of the one before. */
const row = fc
  .tuple(fc.integer({ min: 2, max: 32 }), fc.nat(), fc.array(fc.nat(), { maxLength: 6 }))
  .map(([tile, salt, gaps]) => {
    const overlap = salt % tile;
    const starts = [0];
    for (const gap of gaps) starts.push(starts.at(-1)! + 1 + (gap % (tile - overlap)));
    return { tile, overlap, starts };
  });

describe("tileWeights", () => {
  test("sum to 1 at every cell", () => {
    fc.assert(
      fc.property(row, ({ tile, overlap, starts }) => {
        const sums = new Float64Array(starts.at(-1)! + tile);
        for (const [k, weights] of tileWeights(starts, tile, overlap).entries())
          for (let i = 0; i < tile; i++) sums[starts[k]! + i] = sums[starts[k]! + i]! + weights[i]!;
        for (const sum of sums) expect(sum).toBeCloseTo(1, 5);
      }),
    );
  });

  test("never jump where a tile begins or ends", () => {
    const [left, right] = tileWeights([0, 24], 32, 8);
    expect(right![0]).toBeLessThan(0.05);
    expect(left![31]).toBeLessThan(0.05);
    for (let i = 1; i < 32; i++) expect(Math.abs(right![i]! - right![i - 1]!)).toBeLessThan(0.2);
  });

  test("give a lone tile everything", () => {
    expect(tileWeights([0], 16, 4)).toEqual([new Float32Array(16).fill(1)]);
  });
});
