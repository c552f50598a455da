import { picturesFromPrompt } from "../diffusion/pipelines/pictures-from-prompt.ts";
import { decodePreview } from "../diffusion/vae/decode-latents.ts";
import type { FloatImage } from "../imaging/float-image.ts";
import { centredPart } from "../imaging/resample/centred-part.ts";
import { resample } from "../imaging/resample/resample.ts";
import type { RgbaImage } from "../imaging/rgba-image.ts";
import { planCreate } from "../planning/plan-create.ts";
import { countRealSteps } from "../planning/real-steps.ts";
import type { CreateRequest } from "../protocol/edit-request.ts";
import type { PixelSize } from "../protocol/geometry.ts";
import { drawPass } from "./draw-pass.ts";
import { drawVariants, type OnStep, type VariantsSetup } from "./draw-variants.ts";
import { passSeed } from "./pass-seed.ts";
import { fromPictureTensor } from "./picture-tensor.ts";
import { executionOptions, planForDevice } from "./plan-for-device.ts";
import { previewSize } from "./preview-size.ts";
import type { EditedLayer, RunEditOptions } from "./run-edit.ts";
import { toLayer } from "./to-layer.ts";

/** A picture from a prompt alone, of exactly the requested size, once for each variant. */
export async function runCreate(request: CreateRequest, options: RunEditOptions): Promise<readonly EditedLayer[]> {
  const { pack, signal } = options;
  const plan = planForDevice(planCreate(request, pack.facts), request, options);
  const { width, height } = request;
  const { refine } = plan;
  const refiningSteps = refine ? countRealSteps(refine) : 0;
  /** Size of what is being denoised at the moment. */
  let drawn: PixelSize = plan.working;
  const fitted = (picture: FloatImage, size: PixelSize): RgbaImage =>
    toLayer(picture, centredPart(picture, request), size);
  /** One of two passes, told as a part of both; schedulers of second order evaluate the model twice a step. */
  const counted =
    (onStep: OnStep, before: number, own: number): OnStep =>
    async ({ step, steps, ...rest }) =>
      await onStep({ ...rest, step: before + Math.ceil((step * own) / steps), steps: plan.steps + refiningSteps });

  const setup: VariantsSetup = {
    plan,
    area: { x: 0, y: 0, width, height },
    draw: async (seed, batch, onStep) => {
      drawn = plan.working;
      const drawing = {
        prompt: request.prompt,
        negativePrompt: request.negativePrompt ?? undefined,
        ...plan.working,
        scheduler: plan.scheduler,
        steps: plan.steps,
        guidanceScale: plan.guidanceScale,
        ...executionOptions(plan.execution),
        seed,
        longPrompts: plan.plain ? "truncate" : "chunks",
        signal,
        onStep: counted(onStep, 0, plan.steps),
      } as const;
      const composed = (await picturesFromPrompt(pack, drawing, batch)).map(fromPictureTensor);
      if (refine === undefined) return composed.map((picture) => fitted(picture, request));
      drawn = refine.working;
      const { width: larger, height: higher } = refine.working;
      const refined = await drawPass(pack, {
        request,
        starts: composed.map((picture) => resample(picture, { ...picture, x: 0, y: 0 }, larger, higher)),
        repaint: new Float32Array(larger * higher).fill(1),
        steps: refine.steps,
        strength: refine.strength,
        guidanceScale: plan.guidanceScale,
        execution: plan.execution,
        seed: passSeed(seed, 0, 1),
        signal,
        onStep: counted(onStep, plan.steps, refiningSteps),
      });
      return refined.map((picture) => fitted(picture, request));
    },
    preview: async (clean) =>
      fitted(
        fromPictureTensor(await decodePreview(pack, clean, drawn, plan.execution.isVaeTiled)),
        previewSize(request),
      ),
  };
  return await drawVariants(request, setup, options);
}
