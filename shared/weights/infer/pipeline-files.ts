import type { ComponentName } from "../checkpoint/checkpoint.ts";
import type { Family, Variant } from "./family.ts";
import type { Prediction } from "./prediction.ts";

/** A config as it is written to a file. */
export type ConfigFile = Readonly<Record<string, unknown>>;

const latentNoise = {
  num_train_timesteps: 1000,
  beta_start: 0.00085,
  beta_end: 0.012,
  beta_schedule: "scaled_linear",
  trained_betas: null,
  clip_sample: false,
  set_alpha_to_one: false,
  steps_offset: 1,
} as const;

/** The x4 upscaler's noise, of its latents and of the small picture alike, as its published configs have it. */
const upscalerNoise = {
  num_train_timesteps: 1000,
  beta_start: 0.0001,
  beta_end: 0.02,
  beta_schedule: "scaled_linear",
  trained_betas: null,
} as const;

/** scheduler/scheduler_config.json of a family's published checkpoint, for what the model at hand predicts. */
export function schedulerConfig(family: Family, { value, hasZeroTerminalSnr }: Prediction): ConfigFile {
  const prediction = {
    prediction_type: value,
    ...(hasZeroTerminalSnr && { rescale_betas_zero_snr: true }),
  };
  switch (family) {
    case "stable-diffusion-1":
      // PNDM knows no rescaled noise schedule; DDIM, from which it stems, does.
      return hasZeroTerminalSnr
        ? { _class_name: "DDIMScheduler", ...latentNoise, ...prediction }
        : { _class_name: "PNDMScheduler", ...latentNoise, skip_prk_steps: true, ...prediction };
    case "stable-diffusion-2":
      return { _class_name: "DDIMScheduler", ...latentNoise, ...prediction };
    case "stable-diffusion-xl":
    case "stable-diffusion-xl-refiner":
      return {
        _class_name: "EulerDiscreteScheduler",
        ...latentNoise,
        interpolation_type: "linear",
        use_karras_sigmas: false,
        timestep_spacing: "leading",
        ...prediction,
      };
    case "stable-diffusion-x4-upscaler":
      return {
        _class_name: "DDIMScheduler",
        ...upscalerNoise,
        clip_sample: false,
        set_alpha_to_one: false,
        steps_offset: 1,
        ...prediction,
      };
  }
}

/** low_res_scheduler/scheduler_config.json: how the x4 upscaler puts noise on the small picture. */
export const lowResolutionScheduler: ConfigFile = {
  _class_name: "DDPMScheduler",
  ...upscalerNoise,
  clip_sample: true,
  variance_type: "fixed_small",
  prediction_type: "epsilon",
};

const classes: Readonly<
  Record<Exclude<ComponentName, "controlnet" | "transformer">, readonly [library: string, className: string]>
> = {
  unet: ["diffusers", "UNet2DConditionModel"],
  vae: ["diffusers", "AutoencoderKL"],
  text_encoder: ["transformers", "CLIPTextModel"],
  text_encoder_2: ["transformers", "CLIPTextModelWithProjection"],
};

/** model_index.json of the pipeline that draws with a file's networks. */
export function modelIndex(
  family: Family,
  variant: Variant,
  components: ReadonlySet<ComponentName>,
  { className }: { readonly className: string },
): ConfigFile {
  const listed = (Object.keys(classes) as (keyof typeof classes)[]).map((name) => [
    name,
    components.has(name) ? classes[name] : [null, null],
  ]);
  const tokenizer = (encoder: ComponentName) =>
    components.has(encoder) ? ["transformers", "CLIPTokenizer"] : [null, null];
  const isXl = family.startsWith("stable-diffusion-xl");
  return {
    _class_name: pipelineClass(family, variant),
    ...Object.fromEntries(listed.filter(([name]) => isXl || name !== "text_encoder_2")),
    tokenizer: tokenizer("text_encoder"),
    ...(isXl && { tokenizer_2: tokenizer("text_encoder_2") }),
    scheduler: ["diffusers", className],
    ...(isXl && { force_zeros_for_empty_prompt: family === "stable-diffusion-xl" }),
    ...(family === "stable-diffusion-xl-refiner" && { requires_aesthetics_score: true }),
    ...(family === "stable-diffusion-x4-upscaler" && {
      low_res_scheduler: ["diffusers", "DDPMScheduler"],
      max_noise_level: 350,
    }),
  };
}

function pipelineClass(family: Family, variant: Variant): string {
  if (family === "stable-diffusion-x4-upscaler") return "StableDiffusionUpscalePipeline";
  const base = family.startsWith("stable-diffusion-xl") ? "StableDiffusionXL" : "StableDiffusion";
  if (family === "stable-diffusion-xl-refiner") return `${base}Img2ImgPipeline`;
  if (variant === "inpainting") return `${base}InpaintPipeline`;
  if (variant === "instruct-pix2pix") return `${base}InstructPix2PixPipeline`;
  return variant === "depth" ? `${base}Depth2ImgPipeline` : `${base}Pipeline`;
}
