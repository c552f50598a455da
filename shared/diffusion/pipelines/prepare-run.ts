import type { EditTask } from "../../protocol/edit-task.ts";
import type { PixelSize } from "../../protocol/geometry.ts";
import { isGuidedAt } from "../../protocol/models/model-facts.ts";
import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { DiffusionModel, ReferencePicture, Schedule, ScheduleOptions } from "../models/diffusion-model.ts";
import { BatchNoise } from "../random/torch-generator.ts";
import type { Conditioning } from "../text/conditioning.ts";
import { throwIfCancelled } from "../throw-if-cancelled.ts";
import type { GenerationOptions } from "./generation-options.ts";

export interface PreparedRun extends Schedule {
  readonly noise: BatchNoise;
  readonly conditioning: Conditioning;
}

export type RunSetup = Pick<ScheduleOptions, "batch" | "size" | "strength" | "pipeline">;

/** The first two stages of every pipeline: encode the prompts, set up schedule and noise. */
export async function prepareRun(
  model: DiffusionModel,
  options: GenerationOptions,
  setup: RunSetup,
): Promise<PreparedRun> {
  throwIfCancelled(options.signal);
  const conditioning = await encodePrompt(model, options);
  const { scheduler, steps, eta } = options;
  const schedule = model.createSchedule({ scheduler, steps, eta, ...setup });
  return { ...schedule, noise: new BatchNoise(options.seed, setup.batch), conditioning };
}

/** The source as a reference, for models that are shown it where they repaint. `latents`: [batch, channels, height, width]. */
export function shownSource(
  { blending, latents: space }: DiffusionModel,
  latents: Float32Array,
  { width, height }: PixelSize,
): readonly ReferencePicture[] {
  return blending.showsSource ? [{ latents, width: width / space.cell, height: height / space.cell }] : [];
}

/** Encodes the prompt, and the negative one where the run is guided. */
export async function encodePrompt(model: DiffusionModel, options: GenerationOptions): Promise<Conditioning> {
  const isGuided = isGuidedAt(options.guidanceScale, model.facts);
  return await model.encodePrompt({ ...options, isGuided });
}

/** Throws OverpaintError `unsupported-model` when the model does not serve a task. */
export function requireTask({ facts }: DiffusionModel, task: EditTask): void {
  if (facts.tasks.includes(task)) return;
  throw new OverpaintError(
    "unsupported-model",
    `The model cannot ${task}: it serves ${facts.tasks.join(", ")}.`,
    `Choose a model that serves ${task}.`,
  );
}

/**
 * Throws OverpaintError `unsupported-model` for models that see masks.
 *
 * @param attempt what it is that they cannot do, for the message
 */
export function rejectMaskedModel({ facts }: DiffusionModel, attempt: string): void {
  if (!facts.seesMask) return;
  throw new OverpaintError(
    "unsupported-model",
    `The model cannot ${attempt}: it is an inpainting model, which sees masks.`,
    "Choose a text-to-image model, or let it repaint everything under a mask.",
  );
}

/** Throws OverpaintError `invalid-request` when the model cannot work on pictures of this size. */
export function requireWorkingSize({ facts }: DiffusionModel, { width, height }: PixelSize): void {
  const { fixedSize, sizeMultiple } = facts;
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
