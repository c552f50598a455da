import { z } from "zod";

// Fields that several schedulers share, with the names of scheduler_config.json and the defaults diffusers gives them.

export const betaFields = {
  num_train_timesteps: z.int().min(2).default(1000),
  beta_start: z.number().default(0.0001),
  beta_end: z.number().default(0.02),
  beta_schedule: z.enum(["linear", "scaled_linear", "squaredcos_cap_v2"]).default("linear"),
  trained_betas: z.array(z.number()).nullable().default(null),
};

/** Consistency models: the schedule of Stable Diffusion, and on which of its timesteps they were distilled. */
export const distilledBetaFields = {
  ...betaFields,
  beta_start: z.number().default(0.00085),
  beta_end: z.number().default(0.012),
  beta_schedule: z.enum(["linear", "scaled_linear", "squaredcos_cap_v2"]).default("scaled_linear"),
  original_inference_steps: z.int().positive().default(50),
};

/** Not every scheduler has it: PNDM and Heun ignore it. */
export const zeroTerminalSnrField = { rescale_betas_zero_snr: z.boolean().default(false) };

export const predictionTypes = ["epsilon", "v_prediction", "sample"] as const;
export const predictionFields = { prediction_type: z.enum(predictionTypes).default("epsilon") };

export const thresholdFields = {
  thresholding: z.boolean().default(false),
  dynamic_thresholding_ratio: z.number().min(0).max(1).default(0.995),
  sample_max_value: z.number().default(1),
};

export const clipFields = {
  clip_sample: z.boolean().default(true),
  clip_sample_range: z.number().default(1),
};

const timestepSpacings = ["linspace", "leading", "trailing"] as const;
export type TimestepSpacing = (typeof timestepSpacings)[number];
export const timestepSpacingSchema = z.enum(timestepSpacings);

export const sigmaCurveFields = {
  use_karras_sigmas: z.boolean().nullable().default(false),
  use_exponential_sigmas: z.boolean().nullable().default(false),
  use_beta_sigmas: z.boolean().nullable().default(false),
};
