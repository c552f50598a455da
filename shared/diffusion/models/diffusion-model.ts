import type { PixelSize } from "../../protocol/geometry.ts";
import type { SchedulerName } from "../../protocol/models/model-facts.ts";
import type { ControlHold } from "../denoiser/control-nets.ts";
import type { Denoiser } from "../denoiser/denoiser.ts";
import type { GuidanceOptions } from "../denoiser/guidance.ts";
import type { PictureTensor } from "../picture-tensor.ts";
import type { NoiseSource } from "../random/noise-source.ts";
import type { Scheduler } from "../schedulers/scheduler.ts";
import type { SchedulerConfig } from "../schedulers/scheduler-name.ts";
import type { Conditioning, EncodePromptsOptions } from "../text/conditioning.ts";
import type { OpenedModel } from "./opened-model.ts";

/**
 * What every pipeline needs of a diffusion model, whatever its family: how words become conditioning, the space its latents
 * lie in, the schedule of a run, and a denoiser for it. Chosen once, when a pack is opened; nothing behind this port is asked
 * for its family again.
 *
 * A family is a folder beside this file that implements it, and a line in the list of `open-model.ts`.
 */
export interface DiffusionModel extends OpenedModel {
  readonly type: "diffusion";
  readonly latents: LatentSpace;
  /** How it repaints, where it sees no masks. */
  readonly blending: Blending;
  /** Diffusion upscalers only. */
  readonly lowResolution?: LowResolutionNoise | undefined;
  /** Side in pixels of the pictures that it takes as prompts; absent where it was opened without an IP-Adapter. */
  readonly picturePromptSide?: number | undefined;
  /** Encodes prompt and negative prompt. */
  encodePrompt(options: EncodePromptsOptions): Promise<Conditioning>;
  /** Throws OverpaintError `invalid-request` when no step would be left, `unsupported-model` for an unknown option. */
  createSchedule(options: ScheduleOptions): Schedule;
  /** Predicts the noise in latents of one size, in one piece. Wrappers (tiles, overviews) are made of these. */
  createDenoiser(options: DenoiserOptions): Promise<Denoiser>;
}

/** How the reference pipeline of a family repaints with models that see no masks. */
export interface Blending {
  /** How far a latent cell is repainted: as its top left pixel, or as the mean of its four middle pixels, black or white. */
  readonly mask: "corner" | "middle";
  /** Whether the model is shown the source as a reference. */
  readonly showsSource: boolean;
}

/** The noise that diffusion upscalers are shown the small picture with. */
export interface LowResolutionNoise {
  /** Puts noise of a level, a training timestep, on small pictures, [batch, 3, height, width]. `noise` has their shape. */
  add(pixels: Float32Array, noise: Float32Array, level: number): Float32Array;
}

/** The space in which a model denoises, and the autoencoder that leads there and back. */
export interface LatentSpace {
  readonly channels: number;
  /** Pixels along a latent cell of the pictures that are encoded and decoded. */
  readonly cell: number;
  /** Encodes pictures of one size; one that comes several times, once. Throws OverpaintError `unsupported-model` without an encoder. */
  encode(pictures: readonly PictureTensor[], options: CodingOptions): Promise<LatentDistribution>;
  /**
   * Draws latents as the scheduler sees them, [batch, channels, height, width], each encoded picture `repeats` times.
   * Draws from `noise` only where the encoder left something to chance.
   */
  sample(encoded: LatentDistribution, repeats: number, noise: NoiseSource): Float32Array;
  /** The middle of the distribution, as the scheduler sees it. */
  mean(encoded: LatentDistribution): Float32Array;
  /**
   * Decodes one picture's latents as the scheduler sees them, [channels, height / cell, width / cell].
   *
   * @param size of the picture, in pixels
   */
  decode(latents: Float32Array, size: PixelSize, options: CodingOptions): Promise<PictureTensor>;
  /** Whether runs can be watched: not where the decoder would have to be loaded beside the denoiser, and they take turns. */
  readonly hasPreviews: boolean;
  /** Like `decode`, by the quickest decoder there is: good enough to watch a run. */
  decodePreview(latents: Float32Array, size: PixelSize, options: CodingOptions): Promise<PictureTensor>;
}

export interface CodingOptions {
  /** Work on pictures larger than the autoencoder's own size in overlapping tiles, to bound the memory. */
  readonly isTiled: boolean;
  /** Looked at before each picture and each tile of it. */
  readonly signal?: AbortSignal | undefined;
}

/** What an encoder makes of pictures, [pictures, channels, height / cell, width / cell], before it is scaled for the scheduler. */
export interface LatentDistribution {
  readonly mean: Float32Array;
  /** Absent when the graph samples by itself, or does not know chance (tiny autoencoders). */
  readonly deviation: Float32Array | undefined;
}

export interface ScheduleOptions {
  /** Default: the pack's own. */
  readonly scheduler?: SchedulerName | undefined;
  /** Steps as the user counts them. */
  readonly steps: number;
  /** The share of the steps that runs, 0 to 1, from a picture; undefined for a run from pure noise. */
  readonly strength?: number | undefined;
  /** η of DDIM and TCD. Default 0. */
  readonly eta?: number | undefined;
  /** Pictures denoised together. */
  readonly batch: number;
  /** Of the picture, in pixels: some schedules depend on it. */
  readonly size: PixelSize;
  readonly pipeline: SchedulePipeline;
}

/**
 * Which of diffusers' pipelines a schedule is for: they change different options of old checkpoints' schedulers, and choose
 * the timesteps of consistency models differently. "own": one of this project's own, which redraws a picture in the last
 * steps of the schedule, whatever the model.
 */
export type SchedulePipeline = "text-to-image" | "image-to-image" | "inpaint" | "upscale" | "own";

export interface Schedule {
  readonly scheduler: Scheduler;
  /** Index into the scheduler's timesteps at which the run begins; above 0 when it starts from a picture. */
  readonly begin: number;
  /** The pack's scheduler configuration: noise schedule and prediction type, for running DDIM backwards. */
  readonly config: SchedulerConfig;
}

export interface DenoiserOptions extends GuidanceOptions {
  readonly conditioning: Conditioning;
  /** Images denoised together. */
  readonly batch: number;
  /** Latent size, in cells. */
  readonly width: number;
  readonly height: number;
  /** For models that see masks. Default: everything is masked, and nothing but grey is left of the picture. */
  readonly masked?: MaskedPicture | undefined;
  /** For models that take pictures as references. Default: none. */
  readonly references?: readonly ReferencePicture[] | undefined;
  /** For diffusion upscalers. */
  readonly lowResolution?: LowResolutionPicture | undefined;
  /** What the ControlNets that the model was opened with look at. Default: none of them takes part. */
  readonly controls?: readonly ControlPicture[] | undefined;
  /** Whether what the model is shown by default is encoded in tiles. Default false. */
  readonly isVaeTiled?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a ControlNet looks at. */
export interface ControlPicture extends ControlHold {
  /** Which of the ControlNets that the model was opened with. */
  readonly net: number;
  /** [3, height, width] of the working picture, 0 to 1. */
  readonly picture: Float32Array;
}

/** A picture that a model looks at while it draws. */
export interface ReferencePicture {
  /** [batch, channels, height, width]: encoded, for each of the images that are denoised together. */
  readonly latents: Float32Array;
  /** In cells. */
  readonly width: number;
  readonly height: number;
}

/** What models that see masks are shown beside the latents. */
export interface MaskedPicture {
  /** [1, height, width]: 1 where the model repaints. */
  readonly mask: Float32Array;
  /** [batch, channels, height, width]: the picture without what is masked, encoded. */
  readonly latents: Float32Array;
}

/** What diffusion upscalers are shown beside the latents. */
export interface LowResolutionPicture {
  /** [batch, 3, height, width]: the small picture with noise on it, −1 to 1. */
  readonly pixels: Float32Array;
  /** How much noise, as a training timestep. */
  readonly noiseLevel: number;
}
