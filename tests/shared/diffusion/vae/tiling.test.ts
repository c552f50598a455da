import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Planes, runTiled, tiledRun } from "../../../../shared/diffusion/vae/tiling.ts";
import { largestDifference } from "../../../support/largest-difference.ts";

/** A graph that doubles width and height and changes nothing else. */
async function enlarge({ channels, width, height, data }: Planes): Promise<Planes> {
  const result = new Float32Array(channels * 4 * width * height);
  for (let i = 0; i < result.length; i++) {
    const x = i % (2 * width);
    const line = Math.floor(i / (2 * width));
    const plane = Math.floor(line / (2 * height));
    const y = line % (2 * height);
    result[i] = data[(plane * height + Math.floor(y / 2)) * width + Math.floor(x / 2)]!;
  }
  return { channels, width: 2 * width, height: 2 * height, data: result };
}

function countUp(channels: number, width: number, height: number): Planes {
  return { channels, width, height, data: Float32Array.from({ length: channels * width * height }, (_, i) => i % 97) };
}

describe("running a graph in tiles", () => {
  it("has the tiles of diffusers: 64 latents, 48 apart, 128 of 512 pixels blended", () => {
    expect(tiledRun(64, 512)).toEqual({ tileSize: 64, stride: 48, blend: 128, kept: 384 });
  });

  it("gives what the whole would give when tiles do not influence each other", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), async (width, height) => {
        const input = countUp(2, width, height);
        const whole = await enlarge(input);
        const tiled = await runTiled(input, tiledRun(8, 16), enlarge);
        expect([tiled.channels, tiled.width, tiled.height]).toEqual([2, 2 * width, 2 * height]);
        expect(largestDifference(tiled.data, whole.data)).toBeLessThan(1e-4);
      }),
      { numRuns: 50 },
    );
  });

  it("never gives the graph more than one tile", async () => {
    const sizes: number[] = [];
    await runTiled(countUp(1, 30, 21), tiledRun(8, 16), (tile) => {
      sizes.push(tile.width, tile.height);
      return enlarge(tile);
    });
    expect(Math.max(...sizes)).toBe(8);
  });

  it("fades one tile into the next", async () => {
    let brightness = 0;
    const tiled = await runTiled(countUp(1, 14, 8), tiledRun(8, 8), async (tile) => ({
      ...tile,
      data: new Float32Array(tile.data.length).fill(brightness++),
    }));
    // The second tile starts 6 to the right; over its first 2 columns it takes over from the first one.
    expect([...tiled.data.subarray(0, 9)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0.5, 1]);
  });

  it("leaves the graph's answers as they are", async () => {
    const answers: Float32Array[] = [];
    await runTiled(countUp(1, 14, 14), tiledRun(8, 8), async (tile) => {
      const data = new Float32Array(tile.data.length).fill(answers.length);
      answers.push(data);
      return { ...tile, data };
    });
    for (const [i, answer] of answers.entries()) expect(new Set(answer)).toEqual(new Set([i]));
  });
});
