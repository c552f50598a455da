import type { DiffusionModel } from "../../shared/diffusion/models/diffusion-model.ts";
import type { PictureTensor } from "../../shared/diffusion/picture-tensor.ts";
import { editByInstructionBatch } from "../../shared/diffusion/pipelines/edit-by-instruction.ts";
import type { GenerationOptions } from "../../shared/diffusion/pipelines/generation-options.ts";
import { imageToImageBatch } from "../../shared/diffusion/pipelines/image-to-image.ts";
import { inpaintBatch } from "../../shared/diffusion/pipelines/inpaint.ts";
import { textToImageBatch } from "../../shared/diffusion/pipelines/text-to-image.ts";
import { toMask, toTensor } from "../shared/diffusion/pipelines/reference-run.ts";
import type { FlowRun } from "./flow-models.ts";

/** Pictures and masks by their size in words, "64x64". */
export interface FlowInputs {
  readonly picture: (size: string) => Uint8Array;
  readonly mask: (size: string) => Uint8Array;
}

/** Draws a recorded run with a model, on any runtime. */
export async function drawFlowRun(
  model: DiffusionModel,
  { task, seed, source, references, options }: FlowRun,
  inputs: FlowInputs,
  onStep: GenerationOptions["onStep"],
): Promise<PictureTensor> {
  const [width, height] = source;
  const { strength = 1, guidanceScale = 4, ...others } = options;
  const common = { ...others, guidanceScale, seed, longPrompts: "truncate", onStep } as const;
  const pictureOf = (size: readonly [number, number]) => toTensor(inputs.picture(size.join("x")), ...size);
  const draw = () => {
    switch (task) {
      case "text-to-image":
        return textToImageBatch(model, { ...common, width, height }, 1);
      case "image-to-image":
        return imageToImageBatch(model, { ...common, image: pictureOf(source), strength }, 1);
      case "inpaint": {
        const mask = toMask(inputs.mask(source.join("x")));
        return inpaintBatch(model, { ...common, image: pictureOf(source), mask, strength }, 1);
      }
      case "edit": {
        const pictures = [pictureOf(source), ...references.map(pictureOf)] as const;
        return editByInstructionBatch(model, { ...common, pictures }, 1);
      }
    }
  };
  const [picture] = await draw();
  return picture!; // one was drawn
}

/** In 0 to 255, as it is stored. */
export function levelOf(value: number): number {
  return Math.round(Math.min(1, Math.max(0, value / 2 + 0.5)) * 255);
}
