import { USUAL_NOISE_LEVEL } from "../../protocol/models/model-facts.ts";
import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { Tiling } from "../../protocol/plans/tiling.ts";
import { createDenoiser, createTiledDenoiser } from "../denoiser/create-denoiser.ts";
import type { DiffusionModel } from "../models/diffusion-model.ts";
import type { PictureTensor } from "../picture-tensor.ts";
import { scaled } from "../tensors/weighted-sum.ts";
import { decodeBatch } from "./decode-batch.ts";
import { denoise, type TileHooks } from "./denoise.ts";
import type { GenerationOptions } from "./generation-options.ts";
import { prepareRun, requireWorkingSize } from "./prepare-run.ts";

export interface UpscaleOptions extends GenerationOptions, TileHooks {
  /** The small picture. */
  readonly image: PictureTensor;
  /** Noise put on the small picture, as a training timestep: more lets the model invent more. Default: the pack's, else 20. */
  readonly noiseLevel?: number | undefined;
  /** Denoise in overlapping tiles, in pixels of the small picture; for pictures larger than the model takes. */
  readonly tiling?: Tiling | undefined;
}

/**
 * Draws a picture four times as wide and high from a small one. Same pack, scheduler, options and seed give the same
 * picture as diffusers' `StableDiffusionUpscalePipeline`.
 */
export async function upscale(model: DiffusionModel, options: UpscaleOptions): Promise<PictureTensor> {
  const [picture] = await upscaleBatch(model, options, 1);
  return picture!;
}

/** As many pictures at once, number k with seed + k. */
export async function upscaleBatch(
  model: DiffusionModel,
  options: UpscaleOptions,
  batch: number,
): Promise<readonly PictureTensor[]> {
  const clean = await upscaleLatents(model, options, batch);
  const { cell } = model.latents;
  const size = { width: options.image.width * cell, height: options.image.height * cell };
  return await decodeBatch(model.latents, clean, batch, size, options);
}

/** All of it but decoding: clean latents, [batch, channels, height, width] of the small picture. */
export async function upscaleLatents(
  model: DiffusionModel,
  options: UpscaleOptions,
  batch: number,
): Promise<Float32Array> {
  const { image, tiling, noiseLevel = model.facts.defaults?.noiseLevel ?? USUAL_NOISE_LEVEL } = options;
  const { width, height, data } = image;
  const { lowResolution } = model;
  const { enlarging } = model.facts;
  if (!lowResolution || enlarging?.method !== "diffusion") throw notAnUpscaler(model);
  requireNoiseLevel(noiseLevel, enlarging.maxNoiseLevel);
  requireWorkingSize(model, tiling ? { width: tiling.tileWidth, height: tiling.tileHeight } : image);

  // 1. Encode the prompts, set up the schedule.
  const setup = { batch, size: image, pipeline: "upscale" } as const;
  const { noise, conditioning, scheduler, begin } = await prepareRun(model, options, setup);

  // 2. Put noise on the small picture, each image its own.
  const small = repeated(data, batch); // [batch, 3, height, width]
  const pixels = lowResolution.add(small, noise.normal(small.length), noiseLevel);

  // 3. Prepare latents: pure noise of the small picture's size.
  const initialNoise = noise.normal(batch * model.latents.channels * height * width); // [batch, 4, height, width]
  const latents = scaled(initialNoise, scheduler.initialNoiseSigma);

  // 4. Denoise.
  const shown = { ...options, conditioning, batch, size: image, lowResolution: { pixels, noiseLevel } };
  const afterTile = () => options.onTile?.(scheduler.timesteps.length);
  const denoiser = tiling
    ? await createTiledDenoiser(model, { ...shown, tiling, afterTile })
    : await createDenoiser(model, shown);
  return await denoise(latents, { ...options, denoiser, scheduler, noise, begin });
}

function repeated(values: Float32Array, times: number): Float32Array {
  const result = new Float32Array(times * values.length);
  for (let k = 0; k < times; k++) result.set(values, k * values.length);
  return result;
}

function notAnUpscaler({ facts }: DiffusionModel): OverpaintError {
  return new OverpaintError(
    "unsupported-model",
    `The model cannot upscale: it serves ${facts.tasks.join(", ")}.`,
    "Choose a diffusion upscaler, such as a StableDiffusionUpscalePipeline.",
  );
}

function requireNoiseLevel(noiseLevel: number, max: number): void {
  if (Number.isInteger(noiseLevel) && noiseLevel >= 0 && noiseLevel <= max) return;
  throw new OverpaintError(
    "invalid-request",
    `The noise level ${noiseLevel} is not a whole number from 0 to ${max}.`,
    "Leave it out for clean pictures, or use more than usual for damaged ones.",
  );
}
