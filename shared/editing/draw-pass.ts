import type { ModelPack } from "../diffusion/model-pack.ts";
import type { DenoisingStep } from "../diffusion/pipelines/denoise.ts";
import { differentialInpaintBatch } from "../diffusion/pipelines/differential-inpaint.ts";
import { type InpaintOptions, inpaintBatch } from "../diffusion/pipelines/inpaint.ts";
import { isInpaintingModel } from "../diffusion/pipelines/is-inpainting-model.ts";
import { eachOnce } from "../diffusion/tensors/each-once.ts";
import type { FloatImage } from "../imaging/float-image.ts";
import type { CreateRequest, InpaintRequest, OutpaintRequest } from "../protocol/edit-request.ts";
import type { Execution } from "../protocol/plans/execution.ts";
import { fromPictureTensor, toPictureTensor } from "./picture-tensor.ts";
import { executionOptions } from "./plan-for-device.ts";

export interface DrawPass {
  readonly request: InpaintRequest | OutpaintRequest | CreateRequest;
  /** The context at the working size, what is to be repainted already prefilled; one for each variant. */
  readonly starts: readonly FloatImage[];
  /** 0 keeps, 1 repaints, between: repaints as much, where the model can; one value a pixel. */
  readonly repaint: Float32Array;
  readonly steps: number;
  readonly strength: number;
  readonly guidanceScale: number;
  readonly execution: Execution;
  /** The first variant's; the others count on from it. */
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
  readonly onStep?: ((step: DenoisingStep) => Promise<void>) | undefined;
}

/**
 * Repaints one context for each variant, all of them together, and returns all of it as the model drew it. Models that see
 * masks get theirs black and white; any other follows soft masks, cell by cell (differential diffusion). Plain runs are
 * diffusers' own.
 */
export async function drawPass(pack: ModelPack, pass: DrawPass): Promise<readonly FloatImage[]> {
  const { request, starts, repaint, steps, strength, guidanceScale, execution, seed, signal, onStep } = pass;
  const images = eachOnce(starts, toPictureTensor);
  const [image] = images;
  if (image === undefined) throw new Error("A pass draws at least one variant.");
  const options: InpaintOptions = {
    prompt: request.prompt,
    negativePrompt: request.negativePrompt ?? undefined,
    image,
    images,
    mask: repaint,
    scheduler: request.scheduler ?? undefined,
    steps,
    strength,
    guidanceScale,
    ...executionOptions(execution),
    seed,
    longPrompts: request.plain ? "truncate" : "chunks",
    signal,
    onStep,
  };
  const draw = isInpaintingModel(pack) || request.plain ? inpaintBatch : differentialInpaintBatch;
  return (await draw(pack, options, images.length)).map(fromPictureTensor);
}
