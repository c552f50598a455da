import type { PixelSize } from "../../protocol/geometry.ts";
import type { Tiling } from "../../protocol/plans/tiling.ts";
import type { Denoiser } from "../denoiser/denoiser.ts";
import { GuidedDenoiser } from "../denoiser/guided-denoiser.ts";
import { OverviewDenoiser } from "../denoiser/overview-denoiser.ts";
import { TiledDenoiser } from "../denoiser/tiled-denoiser.ts";
import { tilingInCells } from "../denoiser/tiling-in-cells.ts";
import type { ModelPack } from "../model-pack.ts";
import type { PictureTensor } from "../picture-tensor.ts";
import { matchStatistics } from "../tensors/match-statistics.ts";
import { weightedSum } from "../tensors/weighted-sum.ts";
import type { Conditioning } from "../text/conditioning.ts";
import { decodeLatents } from "../vae/decode-latents.ts";
import { encodePicture } from "../vae/encode-picture.ts";
import { scaleLatents } from "../vae/latent-scaling.ts";
import { invertLatents } from "./ddim-inversion.ts";
import { denoise } from "./denoise.ts";
import { everythingMasked } from "./everything-masked.ts";
import type { GenerationOptions } from "./generation-options.ts";
import { checkpointOverrides, prepareRun, wholePictureTimeIds } from "./prepare-run.ts";
import { beginIndex } from "./strength.ts";

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
  /** 0 to 1: how far the starting latents take the reference's statistics over. */
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
  pack: ModelPack,
  image: PictureTensor,
  options: RestyleOptions,
  isInverted: boolean,
): Promise<EncodedPicture> {
  const { vae } = pack.description;
  const { mean } = await encodePicture(pack, image, isCodedInTiles(options));
  const latents = scaleLatents(mean.slice(), vae); // [channels, height / scale, width / scale]
  const { width, height } = image;
  if (!isInverted) return { width, height, latents, noise: undefined };

  const unguided = withoutGuidance({ ...options, tilePrompt: "", overview: undefined });
  const { conditioning, scheduler } = await prepareRun(pack, unguided, setup(pack));
  const timesteps = scheduler.timesteps.slice(beginIndex(scheduler, options.steps, options.strength));
  const denoiser = await createDenoiser(pack, image, unguided, conditioning);
  const noise = await invertLatents(latents, {
    ...options,
    denoiser,
    scheduler: pack.description.scheduler,
    timesteps,
  });
  return { width, height, latents, noise };
}

/**
 * Draws an encoded picture anew after a prompt, in one piece or in tiles, with any model that knows noise from picture:
 * inpainting models are told that everything is masked.
 *
 * @param reference The picture whose style is taken over, encoded with the same options.
 */
export async function restyle(
  pack: ModelPack,
  source: EncodedPicture,
  options: RestyleOptions,
  reference?: EncodedPicture,
): Promise<PictureTensor> {
  // 1. Encode the prompts, set up the schedule.
  const { noise, conditioning, scheduler } = await prepareRun(pack, options, setup(pack));
  const begin = beginIndex(scheduler, options.steps, options.strength);

  // 2. Prepare latents: the picture with its own noise and the seed's, given the statistics of the reference's.
  const noisy = ({ latents, noise: own }: EncodedPicture): Float32Array =>
    scheduler.addNoise(latents, mixNoise(own, noise.normal(latents.length)), begin);
  const start = noisy(source);
  const latents = reference
    ? matchStatistics(start, noisy(reference), pack.description.vae.latentChannels, options.referenceStrength)
    : start;

  // 3. Denoise.
  const denoiser = await createDenoiser(pack, source, options, conditioning);
  const clean = await denoise(latents, { ...options, denoiser, scheduler, noise, begin });

  // 4. Decode.
  return await decodeLatents(pack, clean, source, isCodedInTiles(options));
}

/** A picture too large to be denoised in one piece is too large to be coded in one. */
function isCodedInTiles({ tiling, isVaeTiled = false }: RestyleOptions): boolean {
  return tiling !== undefined || isVaeTiled;
}

function setup(pack: ModelPack) {
  return { batch: 1, schedulerOverrides: checkpointOverrides(pack, "generate") };
}

/** Keeps the variance: both parts are independent. */
function mixNoise(own: Float32Array | undefined, fresh: Float32Array): Float32Array {
  if (!own) return fresh;
  return weightedSum([Math.sqrt(1 - FRESH_SHARE), Math.sqrt(FRESH_SHARE)], [own, fresh]);
}

async function createDenoiser(
  pack: ModelPack,
  picture: PixelSize,
  options: RestyleOptions,
  conditioning: Conditioning,
): Promise<Denoiser> {
  const { tiling, overview, tilePrompt } = options;
  if (!tiling) return await createPiece(pack, picture, options, conditioning);

  const { latentScale } = pack.description.vae;
  const tile = { width: tiling.tileWidth, height: tiling.tileHeight };
  const whole = cellsOf(picture, latentScale);
  const quiet = tilePrompt ? { ...options, prompt: tilePrompt } : withoutGuidance(options);
  const quietConditioning = (await prepareRun(pack, quiet, setup(pack))).conditioning;
  const tiles = await TiledDenoiser.create(pack, {
    ...quiet,
    ...whole,
    conditioning: quietConditioning,
    batch: 1,
    extraChannels: await everythingMasked(pack, tile),
    timeIds: wholePictureTimeIds(tile),
    tiling: tilingInCells(tiling, latentScale),
  });
  if (!overview) return tiles;
  return new OverviewDenoiser({
    whole,
    overview: cellsOf(overview, latentScale),
    tiles,
    prompted: await createPiece(pack, overview, options, conditioning),
    unprompted: await createPiece(pack, overview, quiet, quietConditioning),
  });
}

function withoutGuidance<Options extends RestyleOptions>(options: Options): Options {
  return { ...options, prompt: "", guidanceScale: 1, guidanceRescale: 0 };
}

/** In one piece. */
async function createPiece(
  pack: ModelPack,
  picture: PixelSize,
  options: RestyleOptions,
  conditioning: Conditioning,
): Promise<Denoiser> {
  return await GuidedDenoiser.create(pack, {
    ...options,
    ...cellsOf(picture, pack.description.vae.latentScale),
    conditioning,
    batch: 1,
    extraChannels: await everythingMasked(pack, picture, options.isVaeTiled),
    timeIds: wholePictureTimeIds(picture),
  });
}

function cellsOf({ width, height }: PixelSize, scale: number): PixelSize {
  return { width: width / scale, height: height / scale };
}
