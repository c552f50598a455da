import type { Denoiser } from "../denoiser/denoiser.ts";
import { alphasCumprod } from "../schedulers/common/noise-schedule.ts";
import { predictNoise } from "../schedulers/common/prediction.ts";
import { ddimConfigSchema } from "../schedulers/ddim-scheduler.ts";
import type { SchedulerConfig } from "../schedulers/scheduler-name.ts";
import { weightedSum } from "../tensors/weighted-sum.ts";
import { throwIfCancelled } from "../throw-if-cancelled.ts";
import type { RunHooks } from "./denoise.ts";

/** Evaluations for each step: the first sees the sample before the step, the others what the one before made of it. */
const EVALUATIONS = 2;

export interface InversionOptions extends RunHooks {
  /** Unguided: guidance 1 and the empty prompt, under which the path backwards is nearly the path forwards. */
  readonly denoiser: Denoiser;
  /** The pack's, for its noise schedule and prediction type. */
  readonly scheduler: SchedulerConfig;
  /** Those of the run that is to draw the picture again, as it takes them: noisiest first. Fractions are dropped. */
  readonly timesteps: readonly number[];
}

/**
 * Finds the noise of which a picture is made: runs DDIM's ordinary differential equation backwards, from the clean latents
 * to the first of `timesteps`. The picture with that noise, in closed form, is then where the run arrived, from where an
 * unguided model draws the picture again.
 *
 * Song, Meng and Ermon, "Denoising Diffusion Implicit Models", 2020 (arXiv:2010.02502), section 4.3; unguided after
 * Mokady et al., "Null-text Inversion", 2022 (arXiv:2211.09794), section 3.1. Each step wants the noise predicted at its
 * own end, as DDIM will see it, and finds it by fixed-point iteration: Pan et al., "Effective Real Image Editing with
 * Accelerated Iterative Diffusion Inversion", 2023 (arXiv:2309.04907), section 3.
 *
 *   sample     x_t = √ᾱ·x₀ + √(1−ᾱ)·ε on its way from clean to noisy
 *   alpha      √ᾱ at a timestep
 *   sigma      √(1−ᾱ) there
 *
 * @param latents x₀, [batch, channels, height, width].
 * @returns ε of the same shape.
 */
export async function invertLatents(latents: Float32Array, options: InversionOptions): Promise<Float32Array> {
  const { denoiser, signal, onStep } = options;
  const config = ddimConfigSchema.parse(options.scheduler);
  const alphaProducts = alphasCumprod(config);
  // Some schedulers evaluate twice at a timestep.
  const timesteps = [...new Set(options.timesteps.map(Math.trunc))].sort((a, b) => a - b);

  let sample = latents;
  let alpha = 1;
  let sigma = 0;
  for (const [index, timestep] of timesteps.entries()) {
    const step = index + 1;
    const nextAlpha = Math.sqrt(alphaProducts[timestep]!);
    const nextSigma = Math.sqrt(1 - alphaProducts[timestep]!);

    // x_next = α'·(x − σ·ε)/α + σ'·ε: linear in x and in the ε predicted at x_next.
    const ratio = nextAlpha / alpha;
    let next = weightedSum([ratio], [sample]);
    for (let evaluation = 0; evaluation < EVALUATIONS; evaluation++) {
      throwIfCancelled(signal);
      const output = await denoiser.predict(next, timestep, `inversion step ${step} of ${timesteps.length}`);
      const noise = predictNoise(config.prediction_type, output, next, nextAlpha, nextSigma);
      next = weightedSum([ratio, nextSigma - ratio * sigma], [sample, noise]);
    }
    [sample, alpha, sigma] = [next, nextAlpha, nextSigma];
    await onStep?.({ step, steps: timesteps.length, timestep, latents: sample, predictedClean: latents });
  }
  return weightedSum([1 / sigma, -alpha / sigma], [sample, latents]);
}
