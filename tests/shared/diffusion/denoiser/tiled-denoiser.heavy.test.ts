import { describe, expect, test } from "vitest";
import { createTiledDenoiser } from "../../../../shared/diffusion/denoiser/create-denoiser.ts";
import type { DiffusionModel } from "../../../../shared/diffusion/models/diffusion-model.ts";
import { layTiles } from "../../../../shared/planning/sizes/lay-tiles.ts";
import type { Tiling } from "../../../../shared/protocol/plans/tiling.ts";
import { largestDifference } from "../../../support/largest-difference.ts";
import { NodePackFiles } from "../../../support/node-pack-files.ts";
import { openDiffusionModel } from "../../../support/open-diffusion-model.ts";
import { inRepository } from "../../../support/repository.ts";

const WIDTH = 20;
const HEIGHT = 12;
/** Pixels along a latent cell. */
const CELL = 8;

/** Two images of four channels, no two cells alike. */
const latents = Float32Array.from({ length: 2 * 4 * HEIGHT * WIDTH }, (_, i) => Math.sin(i * 12.9898) * 1.3);

function inPixels(tiling: Tiling): Tiling {
  const scaled = (cells: readonly number[]): number[] => cells.map((cell) => cell * CELL);
  return {
    tileWidth: tiling.tileWidth * CELL,
    tileHeight: tiling.tileHeight * CELL,
    overlapAcross: tiling.overlapAcross * CELL,
    overlapDown: tiling.overlapDown * CELL,
    columns: scaled(tiling.columns),
    rows: scaled(tiling.rows),
  };
}

/** A pack whose denoiser answers `answer(row-major cells of a tile)`. */
async function packThatAnswers(answer: (sample: Float32Array) => Float32Array): Promise<DiffusionModel> {
  const files = new NodePackFiles(inRepository("tests/fixtures/packs/base"));
  return await openDiffusionModel({
    readText: (path) => files.readText(path),
    openSession: async (path) => {
      const session = await files.openSession(path);
      if (!path.startsWith("unet/")) return session;
      const run: typeof session.run = async ({ sample }) => ({
        out_sample: { type: "float32", dims: sample!.dims, data: answer(sample!.data as Float32Array) },
      });
      return { ...session, run, inputs: session.inputs, outputs: session.outputs };
    },
  });
}

async function predictInTiles(model: DiffusionModel, tiling: Tiling, signal?: AbortSignal): Promise<Float32Array> {
  const conditioning = await model.encodePrompt({ prompt: "", isGuided: false, longPrompts: "truncate" });
  const size = { width: WIDTH * CELL, height: HEIGHT * CELL };
  const options = { size, tiling: inPixels(tiling), batch: 2, guidanceScale: 1, conditioning, signal };
  const denoiser = await createTiledDenoiser(model, options);
  return await denoiser.predict(latents, 500, "a test");
}

const tiling = layTiles({ width: WIDTH, height: HEIGHT }, { width: 8, height: 8 }, { width: 4, height: 4 }, 2);

describe("TiledDenoiser", () => {
  test("answers what the whole would, where the model looks at one cell at a time", async () => {
    const model = await packThatAnswers((sample) => sample.map((value) => 3 * value - 1));
    const expected = latents.map((value) => 3 * value - 1);
    expect(largestDifference(await predictInTiles(model, tiling), expected)).toBeLessThan(1e-5);
    await model.release();
  });

  test("fades from one tile's answer to the next without a jump", async () => {
    let call = 0;
    const model = await packThatAnswers((sample) => {
      call += 1;
      return new Float32Array(sample.length).fill(call % 2);
    });
    const blended = await predictInTiles(
      model,
      layTiles({ width: WIDTH, height: 12 }, { width: 12, height: 12 }, { width: 4, height: 4 }, 4),
    );
    const line = blended.subarray(0, WIDTH);
    expect([line[0], line[WIDTH - 1]]).toEqual([1, 0]);
    for (let x = 1; x < WIDTH; x++) expect(Math.abs(line[x]! - line[x - 1]!)).toBeLessThan(0.45);
    await model.release();
  });

  test("runs the graph at the tile's size only", async () => {
    const sizes = new Set<number>();
    const model = await packThatAnswers((sample) => {
      sizes.add(sample.length);
      return sample.slice();
    });
    await predictInTiles(model, tiling);
    expect([...sizes]).toEqual([2 * 4 * 8 * 8]);
    await model.release();
  });

  test("stops between tiles when cancelled", async () => {
    const controller = new AbortController();
    let calls = 0;
    const model = await packThatAnswers((sample) => {
      calls += 1;
      controller.abort();
      return sample.slice();
    });
    await expect(predictInTiles(model, tiling, controller.signal)).rejects.toMatchObject({ code: "cancelled" });
    expect(calls).toBe(1);
    await model.release();
  });
});
