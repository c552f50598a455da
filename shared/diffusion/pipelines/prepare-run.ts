import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { ModelPack } from "../model-pack.ts";
import { BatchNoise } from "../random/torch-generator.ts";
import { createScheduler } from "../schedulers/create-scheduler.ts";
import type { Scheduler } from "../schedulers/scheduler.ts";
import { type SchedulerConfig, schedulerNameOf, withScheduler } from "../schedulers/scheduler-name.ts";
import type { Conditioning } from "../text/conditioning.ts";
import { encodePrompts } from "../text/encode-prompts.ts";
import { throwIfCancelled } from "./denoise.ts";
import type { GenerationOptions } from "./generation-options.ts";

export interface PreparedRun {
  readonly noise: BatchNoise;
  readonly conditioning: Conditioning;
  readonly scheduler: Scheduler;
}

export interface RunSetup {
  readonly batch: number;
  /** Options a pipeline of diffusers sets on the scheduler it is loaded with. */
  readonly schedulerOverrides?: SchedulerConfig;
  /** Share of the distillation timesteps an LCM or TCD run chooses from. */
  readonly distilledStrength?: number;
}

/** The first two stages of every pipeline: encode the prompts, set up schedule and noise. */
export async function prepareRun(
  pack: ModelPack,
  options: GenerationOptions,
  { batch, schedulerOverrides = {}, distilledStrength }: RunSetup,
): Promise<PreparedRun> {
  throwIfCancelled(options.signal);
  const isGuided = options.guidanceScale > 1 && !pack.graph.isGuidanceDistilled;
  const conditioning = await encodePrompts(pack, { ...options, isGuided });
  const config = runSchedulerConfig(pack.description.scheduler, options, schedulerOverrides);
  const { steps, eta } = options;
  const scheduler = createScheduler(config, { steps, eta, batch, distilledStrength });
  return { noise: new BatchNoise(options.seed, batch), conditioning, scheduler };
}

/**
 * The pack's configuration with the pipeline's overrides, or another scheduler's made from it. `from_config` hands only
 * those overrides on whose option the pack's file has.
 */
function runSchedulerConfig(
  config: SchedulerConfig,
  { scheduler: name }: GenerationOptions,
  overrides: SchedulerConfig,
): SchedulerConfig {
  if (name === undefined || name === schedulerNameOf(config)) return { ...config, ...overrides };
  const handedOn = Object.entries(overrides).filter(([option]) => Object.hasOwn(config, option));
  return withScheduler({ ...config, ...Object.fromEntries(handedOn) }, name);
}

/** Throws OverpaintError `invalid-request` when the pack cannot work on pictures of this size. */
export function requireWorkingSize(pack: ModelPack, size: { readonly width: number; readonly height: number }): void {
  const { fixedSize, sizeMultiple } = pack.facts;
  const { width, height } = size;
  if (fixedSize && (fixedSize.width !== width || fixedSize.height !== height))
    throw new OverpaintError(
      "invalid-request",
      `The model works at ${fixedSize.width}×${fixedSize.height} px only, not at ${width}×${height}.`,
      "Resize the image first, or use a model exported for any size.",
    );
  if (width % sizeMultiple !== 0 || height % sizeMultiple !== 0 || width < 1 || height < 1)
    throw new OverpaintError(
      "invalid-request",
      `The model works at multiples of ${sizeMultiple} px, not at ${width}×${height}.`,
      "Resize the image first.",
    );
}

/** [original height, width, crop top, left, target height, width]: SDXL is told that nothing was resized or cropped. */
export function wholePictureTimeIds({ width, height }: { readonly width: number; readonly height: number }): number[] {
  return [height, width, 0, 0, height, width];
}

/**
 * What diffusers' pipelines change in the scheduler of an old Stable Diffusion checkpoint when they load it. SDXL, LCM
 * and upscaling pipelines change nothing.
 */
export function checkpointOverrides(pack: ModelPack, task: "generate" | "inpaint"): SchedulerConfig {
  const { family, isLatentConsistency } = pack.description;
  if (family !== "stable-diffusion" || isLatentConsistency) return {};
  return task === "inpaint" ? { steps_offset: 1, skip_prk_steps: true } : { steps_offset: 1, clip_sample: false };
}
