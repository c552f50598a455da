import type { ModelIndex } from "../../pack/model-index.ts";
import type { SchedulePipeline } from "../diffusion-model.ts";
import type { ModelFamily } from "../model-family.ts";
import { openPaintingModel, type PaintingFamily } from "../unet/painting-unet.ts";

/** Stable Diffusion 1 and 2, and the latent consistency models distilled from them. */
export const stableDiffusion: ModelFamily = {
  name: "stable-diffusion",
  pipelines: [
    "StableDiffusionPipeline",
    "StableDiffusionImg2ImgPipeline",
    "StableDiffusionInpaintPipeline",
    "StableDiffusionInpaintPipelineLegacy",
    "LatentConsistencyModelPipeline",
    "LatentConsistencyModelImg2ImgPipeline",
  ],
  open: (files, index, options) => openPaintingModel(family, files, index, options),
};

const family: PaintingFamily = {
  name: stableDiffusion.name,
  defaults: { scalingFactor: 0.18215, vaeLevels: 4, vaeSampleSize: 512, unetLevels: 4, sampleSize: 64 },
  usualRun: { steps: 30, guidanceScale: 7.5, plainGuidance: { inpaint: 7.5, others: 7.5 }, plainSteps: 50 },
  prompts: () => ({
    layer: (skipped) => ({ skipped, isNormed: true }), // the last one, after the final norm
    zeroesMissingNegative: false,
  }),
  schedules: (index) =>
    isLatentConsistency(index)
      ? { overrides: () => ({}), choosesByStrength: (pipeline) => pipeline === "image-to-image" }
      : { overrides: checkpointOverrides, choosesByStrength: () => false },
};

function isLatentConsistency({ _class_name }: ModelIndex): boolean {
  return _class_name.includes("LatentConsistency");
}

/** What diffusers' pipelines change in the scheduler of an old checkpoint when they load it. */
function checkpointOverrides(pipeline: SchedulePipeline) {
  return pipeline === "inpaint" ? { steps_offset: 1, skip_prk_steps: true } : { steps_offset: 1, clip_sample: false };
}
