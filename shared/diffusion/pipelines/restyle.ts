import type { PixelSize } from "../../protocol/geometry.ts";
import type { Tiling } from "../../protocol/plans/tiling.ts";
import { createDenoiser, createOverviewDenoiser, createTiledDenoiser } from "../denoiser/create-denoiser.ts";
import type { Denoiser } from "../denoiser/denoiser.ts";
import type { CodingOptions, ControlPicture, DiffusionModel } from "../models/diffusion-model.ts";
import type { PictureTensor } from "../picture-tensor.ts";
import { matchStatistics } from "../tensors/match-statistics.ts";
import { weightedSum } from "../tensors/weighted-sum.ts";
import type { Conditioning } from "../text/conditioning.ts";
import { invertLatents } from "./ddim-inversion.ts";
import { denoise } from "./denoise.ts";
import type { GenerationOptions } from "./generation-options.ts";
import { encodePrompt, prepareRun, type RunSetup, requireWorkingSize } from "./prepare-run.ts";

/** Share of the starting noise's variance that the seed draws where the rest is the picture's own: variants differ by it. */
const FRESH_SHARE = 0.2;

export interface RestyleOptions extends GenerationOptions {
  /** Above 0 to 1: at which noise level the run begins. */
  readonly strength: number;
  /** In pixels; absent where the picture fits the model in one piece. */
  readonly tiling?: Tiling | undefined;
  /** The size at which the model sees the whole of a tiled picture, in pixels. */
  readonly overview?: PixelSize | undefined;
  /** The part of the prompt that holds for every tile alone, such as its style. Empty: tiles draw without a prompt. */
  readonly tilePrompt?: string | undefined;
  /** What the overview is held to, at its size. */
  readonly overviewControls?: readonly ControlPicture[] | undefined;
  /** 0 to 1: how far the starting latents take the references' statistics over. */
  readonly referenceStrength: number;
}

/** A picture to start from, encoded. */
export interface EncodedPicture {
  readonly width: number;
  readonly height: number;
  /** [channels, height / scale, width / scale]. */
  readonly latents: Float32Array;
  /** The noise of which the model would draw it again; undefined where a run starts from the seed's noise alone. */
  readonly noise: Float32Array | undefined;
}

/**
 * Encodes a picture to restyle, or one whose style is taken over. The same for every seed.
 *
 * @param isInverted Find the picture's own noise, which holds its layout; twice as many evaluations as steps.
 */
export async function encodeForRestyle(
  model: DiffusionModel,
  image: PictureTensor,
  options: RestyleOptions,
  isInverted: boolean,
): Promise<EncodedPicture> {
  const { tiling, overview } = options;
  requireWorkingSize(model, tiling ? { width: tiling.tileWidth, height: tiling.tileHeight } : image);
  if (overview) requireWorkingSize(model, overview);
  const latents = model.latents.mean(await model.latents.encode([image], codingOf(options))); // [channels, height / scale, width / scale]
  const { width, height } = image;
  if (!isInverted) return { width, height, latents, noise: undefined };

  const unguided = withoutGuidance(model, {
    ...options,
    tilePrompt: "",
    overview: undefined,
    controls: undefined,
    picturePrompt: undefined,
  });
  const { conditioning, scheduler, begin, config } = await prepareRun(model, unguided, setupOf(image, options));
  const timesteps = scheduler.timesteps.slice(begin);
  const denoiser = await createRestyleDenoiser(model, image, unguided, conditioning);
  const noise = await invertLatents(latents, { ...options, denoiser, scheduler: config, timesteps });
  return { width, height, latents, noise };
}

/**
 * Draws an encoded picture anew after a prompt, in one piece or in tiles, with any model that knows noise from picture:
 * inpainting models are told that everything is masked.
 *
 * @param references The pictures whose style is taken over, encoded with the same options.
 */
export async function restyle(
  model: DiffusionModel,
  source: EncodedPicture,
  options: RestyleOptions,
  references: readonly EncodedPicture[] = [],
): Promise<PictureTensor> {
  // 1. Encode the prompts, set up the schedule.
  const { noise, conditioning, scheduler, begin } = await prepareRun(model, options, setupOf(source, options));

  // 2. Prepare latents: the picture with its own noise and the seed's, given the statistics of the references'.
  const noisy = ({ latents, noise: own }: EncodedPicture): Float32Array =>
    scheduler.addNoise(latents, mixNoise(own, noise.normal(latents.length)), begin);
  const start = noisy(source);
  const latents =
    references.length > 0
      ? matchStatistics(start, references.map(noisy), model.latents.channels, options.referenceStrength)
      : start;

  // 3. Denoise.
  const denoiser = await createRestyleDenoiser(model, source, options, conditioning);
  const clean = await denoise(latents, { ...options, denoiser, scheduler, noise, begin });

  // 4. Decode.
  return await model.latents.decode(clean, source, codingOf(options));
}

/** A picture too large to be denoised in one piece is too large to be coded in one. */
function codingOf({ tiling, isVaeTiled = false, signal }: RestyleOptions): CodingOptions {
  return { isTiled: tiling !== undefined || isVaeTiled, signal };
}

function setupOf({ width, height }: PixelSize, { strength }: RestyleOptions): RunSetup {
  return { batch: 1, size: { width, height }, strength, pipeline: "own" };
}

/** Keeps the variance: both parts are independent. */
function mixNoise(own: Float32Array | undefined, fresh: Float32Array): Float32Array {
  if (!own) return fresh;
  return weightedSum([Math.sqrt(1 - FRESH_SHARE), Math.sqrt(FRESH_SHARE)], [own, fresh]);
}

async function createRestyleDenoiser(
  model: DiffusionModel,
  { width, height }: PixelSize,
  options: RestyleOptions,
  conditioning: Conditioning,
): Promise<Denoiser> {
  const { tiling, overview, overviewControls, tilePrompt } = options;
  const whole = { ...options, conditioning, batch: 1, size: { width, height } };
  if (!tiling) return await createDenoiser(model, whole);

  const quiet = tilePrompt ? { ...options, prompt: tilePrompt } : withoutGuidance(model, options);
  const told = { ...quiet, conditioning: await encodePrompt(model, quiet), batch: 1 };
  const tiles = { ...told, size: whole.size, tiling };
  if (!overview) return await createTiledDenoiser(model, tiles);
  return await createOverviewDenoiser(model, {
    tiles,
    overview: { ...whole, size: overview, controls: overviewControls },
  });
}

function withoutGuidance<Options extends RestyleOptions>({ facts }: DiffusionModel, options: Options): Options {
  return { ...options, prompt: "", guidanceScale: facts.unguidedScale ?? 1, guidanceRescale: 0 };
}
