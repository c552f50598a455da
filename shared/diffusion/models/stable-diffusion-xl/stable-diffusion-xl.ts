import type { ModelFamily } from "../model-family.ts";
import { openPaintingModel, type PaintingFamily } from "../unet/painting-unet.ts";

/** `aesthetic_score` and `negative_aesthetic_score` of diffusers' image-to-image pipeline. */
const AESTHETIC_SCORE = 6;
const NEGATIVE_AESTHETIC_SCORE = 2.5;

/** Stable Diffusion XL: two text encoders, a pooled prompt, and the size of the picture as an input. */
export const stableDiffusionXl: ModelFamily = {
  name: "stable-diffusion-xl",
  pipelines: ["StableDiffusionXLPipeline", "StableDiffusionXLImg2ImgPipeline", "StableDiffusionXLInpaintPipeline"],
  open: (files, index, options) => openPaintingModel(family, files, index, options),
};

const family: PaintingFamily = {
  name: stableDiffusionXl.name,
  defaults: { scalingFactor: 0.13025, vaeLevels: 4, vaeSampleSize: 1024, unetLevels: 3, sampleSize: 128 },
  usualRun: { steps: 30, guidanceScale: 5, plainGuidance: { inpaint: 7.5, others: 5 }, plainSteps: 50 },
  prompts: (index) => ({
    layer: (skipped) => ({ skipped: skipped + 1, isNormed: false }), // the last but one, before the final norm
    zeroesMissingNegative: index.force_zeros_for_empty_prompt !== false,
  }),
  schedules: () => ({ overrides: () => ({}), choosesByStrength: () => false }),
  timeIds: ({ requires_aesthetics_score: isRefiner }, { width, height }) => {
    // Original height and width, top and left of the crop: nothing was resized or cropped.
    const place = [height, width, 0, 0];
    if (isRefiner === true)
      return { prompt: [...place, AESTHETIC_SCORE], negative: [...place, NEGATIVE_AESTHETIC_SCORE] };
    const withTarget = [...place, height, width];
    return { prompt: withTarget, negative: withTarget };
  },
};
