import type { SchedulerName } from "../../protocol/models/model-facts.ts";
import type { GuidanceOptions } from "../denoiser/guidance.ts";
import type { ControlPicture } from "../models/diffusion-model.ts";
import type { PicturePrompt } from "../text/conditioning.ts";
import type { LongPrompts } from "../text/prompt-chunks.ts";
import type { RunHooks } from "./denoise.ts";

/** What every pipeline takes. Names and defaults are those of diffusers' pipelines. */
export interface GenerationOptions extends RunHooks, GuidanceOptions {
  readonly prompt: string;
  /** Undefined: there is none, which SDXL tells from an empty one. */
  readonly negativePrompt?: string | undefined;
  /** Default: the pack's own. */
  readonly scheduler?: SchedulerName | undefined;
  readonly steps: number;
  /** η of DDIM and TCD. Default 0. */
  readonly eta?: number | undefined;
  readonly seed: number;
  /** A picture to draw after, beside the words. Default: none. */
  readonly picturePrompt?: PicturePrompt | undefined;
  /** What the picture is held to, at its working size. Default: nothing. */
  readonly controls?: readonly ControlPicture[] | undefined;
  readonly longPrompts: LongPrompts;
  /** Layers of the text encoder left out at its end. Default 0. */
  readonly clipSkip?: number | undefined;
  /** Encode and decode pictures larger than the autoencoder's own in tiles, to bound the memory. Default false. */
  readonly isVaeTiled?: boolean | undefined;
}
