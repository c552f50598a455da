import { OverpaintError } from "../../protocol/overpaint-error.ts";

export type ModelFamily =
  | "stable-diffusion"
  | "stable-diffusion-xl"
  | "stable-diffusion-x4-upscaler"
  | "super-resolution";

/** Pipelines of diffusers (and of this project, for networks that diffusers has none for), without the prefixes that ONNX exporters put before them. */
const familyByPipeline: Readonly<Record<string, ModelFamily>> = {
  StableDiffusionPipeline: "stable-diffusion",
  StableDiffusionImg2ImgPipeline: "stable-diffusion",
  StableDiffusionInpaintPipeline: "stable-diffusion",
  StableDiffusionInpaintPipelineLegacy: "stable-diffusion",
  LatentConsistencyModelPipeline: "stable-diffusion",
  LatentConsistencyModelImg2ImgPipeline: "stable-diffusion",
  StableDiffusionXLPipeline: "stable-diffusion-xl",
  StableDiffusionXLImg2ImgPipeline: "stable-diffusion-xl",
  StableDiffusionXLInpaintPipeline: "stable-diffusion-xl",
  StableDiffusionUpscalePipeline: "stable-diffusion-x4-upscaler",
  SuperResolutionPipeline: "super-resolution",
};

/** What a diffusion family's published checkpoints have in common, for packs whose exporter left out the configs. */
export const familyDefaults = {
  "stable-diffusion": { scalingFactor: 0.18215, vaeLevels: 4, vaeSampleSize: 512, unetLevels: 4, sampleSize: 64 },
  "stable-diffusion-xl": { scalingFactor: 0.13025, vaeLevels: 4, vaeSampleSize: 1024, unetLevels: 3, sampleSize: 128 },
  "stable-diffusion-x4-upscaler": {
    scalingFactor: 0.08333,
    vaeLevels: 3,
    vaeSampleSize: 256,
    unetLevels: 4,
    sampleSize: 128,
  },
} as const;

/** The family of a pipeline class. Throws OverpaintError `unsupported-model` for any other pipeline. */
export function familyOf(pipelineClass: string): ModelFamily {
  const family = familyByPipeline[pipelineClass.replace(/^(Onnx|ORT)/, "")];
  if (family) return family;
  throw new OverpaintError(
    "unsupported-model",
    `The model is a ${pipelineClass}, which is neither of the Stable Diffusion family nor a super-resolution network.`,
    `Supported pipelines: ${Object.keys(familyByPipeline).join(", ")}.`,
  );
}
