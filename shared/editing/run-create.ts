import type { PictureTensor } from "../diffusion/picture-tensor.ts";
import { picturesFromPrompt } from "../diffusion/pipelines/pictures-from-prompt.ts";
import { decodePreview } from "../diffusion/vae/decode-latents.ts";
import { centredPart } from "../imaging/centred-part.ts";
import type { RgbaImage } from "../imaging/rgba-image.ts";
import { planCreate } from "../planning/plan-create.ts";
import type { CreateRequest } from "../protocol/edit-request.ts";
import type { PixelSize } from "../protocol/geometry.ts";
import { drawVariants, type VariantsSetup } from "./draw-variants.ts";
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
  const fitted = (drawn: PictureTensor, size: PixelSize): RgbaImage =>
    toLayer(fromPictureTensor(drawn), centredPart(drawn, request), size);

  const setup: VariantsSetup = {
    plan,
    area: { x: 0, y: 0, width, height },
    draw: async (seed, batch, onStep) => {
      const drawing = {
        prompt: request.prompt,
        negativePrompt: request.negativePrompt,
        ...plan.working,
        scheduler: plan.scheduler,
        steps: plan.steps,
        guidanceScale: plan.guidanceScale,
        ...executionOptions(plan.execution),
        seed,
        longPrompts: plan.plain ? "truncate" : "chunks",
        signal,
        onStep,
      } as const;
      return (await picturesFromPrompt(pack, drawing, batch)).map((drawn) => fitted(drawn, request));
    },
    preview: async (clean) =>
      fitted(await decodePreview(pack, clean, plan.working, plan.execution.isVaeTiled), previewSize(request)),
  };
  return await drawVariants(request, setup, options);
}
