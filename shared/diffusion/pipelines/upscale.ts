import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { Tiling } from "../../protocol/plans/tiling.ts";
import { GuidedDenoiser } from "../denoiser/guided-denoiser.ts";
import { TiledDenoiser } from "../denoiser/tiled-denoiser.ts";
import type { ModelPack } from "../model-pack.ts";
import type { PictureTensor } from "../picture-tensor.ts";
import { alphasCumprod, forwardProcess } from "../schedulers/common/noise-schedule.ts";
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

/** `noise_level` of diffusers' upscale pipeline. */
const DEFAULT_NOISE_LEVEL = 20;

/**
 * Draws a picture four times as wide and high from a small one. Same pack, scheduler, options and seed give the same
 * picture as diffusers' `StableDiffusionUpscalePipeline`.
 */
export async function upscale(pack: ModelPack, options: UpscaleOptions): Promise<PictureTensor> {
  const [picture] = await upscaleBatch(pack, options, 1);
  return picture!;
}

/** As many pictures at once, number k with seed + k. */
export async function upscaleBatch(
  pack: ModelPack,
  options: UpscaleOptions,
  batch: number,
): Promise<readonly PictureTensor[]> {
  const clean = await upscaleLatents(pack, options, batch);
  const { latentScale } = pack.description.vae;
  const size = { width: options.image.width * latentScale, height: options.image.height * latentScale };
  return await decodeBatch(pack, clean, batch, size, options.isVaeTiled);
}

/** All of it but decoding: clean latents, [batch, channels, height, width] of the small picture. */
export async function upscaleLatents(pack: ModelPack, options: UpscaleOptions, batch: number): Promise<Float32Array> {
  const { image, tiling, noiseLevel = pack.facts.defaults.noiseLevel ?? DEFAULT_NOISE_LEVEL } = options;
  const { width, height, data } = image;
  const { vae, lowResolution } = pack.description;
  if (!lowResolution || !pack.facts.tasks.includes("upscale")) throw notAnUpscaler(pack);
  requireNoiseLevel(noiseLevel, lowResolution.maxNoiseLevel);
  requireWorkingSize(pack, tiling ? { width: tiling.tileWidth, height: tiling.tileHeight } : image);

  // 1. Encode the prompts, set up the schedule.
  const { noise, conditioning, scheduler } = await prepareRun(pack, options, { batch });

  // 2. Put noise on the small picture, each image its own.
  const small = repeated(data, batch); // [batch, 3, height, width]
  const alphaProduct = alphasCumprod(lowResolution.scheduler)[noiseLevel]!;
  const extraChannels = forwardProcess(small, noise.normal(small.length), alphaProduct);

  // 3. Prepare latents: pure noise of the small picture's size.
  const initialNoise = noise.normal(batch * vae.latentChannels * height * width); // [batch, 4, height, width]
  const latents = scaled(initialNoise, scheduler.initialNoiseSigma);

  // 4. Denoise.
  const common = { ...options, conditioning, batch, width, height, noiseLevel };
  const denoiser = tiling
    ? await TiledDenoiser.create(pack, {
        ...common,
        tiling,
        wholeChannels: extraChannels,
        afterTile: () => options.onTile?.(scheduler.timesteps.length),
      })
    : await GuidedDenoiser.create(pack, { ...common, extraChannels });
  return await denoise(latents, { ...options, denoiser, scheduler, noise, begin: 0 });
}

function repeated(values: Float32Array, times: number): Float32Array {
  const result = new Float32Array(times * values.length);
  for (let k = 0; k < times; k++) result.set(values, k * values.length);
  return result;
}

function notAnUpscaler(pack: ModelPack): OverpaintError {
  return new OverpaintError(
    "unsupported-model",
    `The model cannot upscale: it serves ${pack.facts.tasks.join(", ")}.`,
    "Choose a StableDiffusionUpscalePipeline model.",
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
