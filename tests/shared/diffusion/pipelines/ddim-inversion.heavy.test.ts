import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDenoiser } from "../../../../shared/diffusion/denoiser/create-denoiser.ts";
import type { DiffusionModel } from "../../../../shared/diffusion/models/diffusion-model.ts";
import type { PictureTensor } from "../../../../shared/diffusion/picture-tensor.ts";
import { invertLatents } from "../../../../shared/diffusion/pipelines/ddim-inversion.ts";
import { denoise } from "../../../../shared/diffusion/pipelines/denoise.ts";
import { prepareRun } from "../../../../shared/diffusion/pipelines/prepare-run.ts";
import type { SchedulerName } from "../../../../shared/protocol/models/model-facts.ts";
import { NodePackFiles } from "../../../support/node-pack-files.ts";
import { openDiffusionModel } from "../../../support/open-diffusion-model.ts";
import { inRepository } from "../../../support/repository.ts";

const SIDE = 128;
/** In decibels, over what the autoencoder makes of the picture. Measured: 37 for the whole schedule, 44 and more for less. */
const LEAST_PSNR = 34;

let model: DiffusionModel;
beforeAll(async () => {
  model = await openDiffusionModel(new NodePackFiles(inRepository("models/starter")));
});
afterAll(() => model.release());

/** A red disc with a dark rim on a pale ground. */
function disc(): PictureTensor {
  const plane = SIDE * SIDE;
  const data = new Float32Array(3 * plane);
  for (let i = 0; i < plane; i++) {
    const radius = Math.hypot((i % SIDE) - 60, Math.floor(i / SIDE) - 70);
    const colour = radius < 34 ? [0.7, -0.6, -0.5] : radius < 40 ? [-0.6, -0.7, -0.7] : [0.8, 0.8, 0.5];
    for (let c = 0; c < 3; c++) data[c * plane + i] = colour[c]!;
  }
  return { width: SIDE, height: SIDE, data };
}

function psnr(a: Float32Array, b: Float32Array): number {
  const limited = (value: number) => Math.min(1, Math.max(-1, value));
  const squares = a.reduce((sum, value, i) => sum + (limited(value) - limited(b[i]!)) ** 2, 0);
  return 10 * Math.log10(4 / (squares / a.length));
}

/** Inverts the disc over the last `runs` of `steps` and draws it again, unguided, with any scheduler. */
async function drawAgain(scheduler: SchedulerName, steps: number, runs: number) {
  const picture = disc();
  const latents = model.latents.mean(await model.latents.encode([picture], { isTiled: false }));
  const options = { prompt: "", guidanceScale: 1, steps, scheduler, seed: 0, longPrompts: "truncate" } as const;
  const run = await prepareRun(model, options, { batch: 1, size: picture, pipeline: "own" });
  const begin = steps - runs;
  const denoiser = await createDenoiser(model, {
    guidanceScale: 1,
    conditioning: run.conditioning,
    batch: 1,
    size: picture,
  });
  const timesteps = run.scheduler.timesteps.slice(begin);
  const noise = await invertLatents(latents, { denoiser, scheduler: run.config, timesteps });
  const start = run.scheduler.addNoise(latents, noise, begin);
  const clean = await denoise(start, { denoiser, scheduler: run.scheduler, noise: run.noise, begin });
  const drawn = await model.latents.decode(clean, picture, { isTiled: false });
  const expected = await model.latents.decode(latents, picture, { isTiled: false });
  return { noise, similarity: psnr(drawn.data, expected.data) };
}

describe("invertLatents", () => {
  test.each([
    ["ddim", 20, 20],
    ["ddim", 20, 12],
    ["ddim", 20, 4],
    ["dpmpp-2m", 20, 12],
    ["euler", 20, 12],
  ] as const)(
    "finds the noise from which %s draws the picture again (%d steps, the last %d)",
    async (scheduler, steps, runs) => {
      const { similarity } = await drawAgain(scheduler, steps, runs);
      expect(similarity).toBeGreaterThan(LEAST_PSNR);
    },
  );

  test("finds noise like that of the model: of zero mean, not stronger than what it was trained on", async () => {
    const { noise } = await drawAgain("ddim", 20, 20);
    const mean = noise.reduce((sum, value) => sum + value, 0) / noise.length;
    const variance = noise.reduce((sum, value) => sum + (value - mean) ** 2, 0) / noise.length;
    expect(Math.abs(mean)).toBeLessThan(0.1);
    expect(variance).toBeGreaterThan(0.2);
    expect(variance).toBeLessThan(1.2);
  });
});
