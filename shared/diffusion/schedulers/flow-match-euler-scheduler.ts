import { z } from "zod";
import type { NoiseSource } from "../random/noise-source.ts";
import { weightedSum } from "../tensors/weighted-sum.ts";
import { curvedSigmas, sigmaCurveFields, trainTimestepsField } from "./common/noise-schedule.ts";
import { linspace } from "./common/numerics.ts";
import type { Scheduler, SchedulerRun, SchedulerStep } from "./scheduler.ts";
import { unsupportedOption } from "./scheduler-name.ts";

export const flowMatchEulerConfigSchema = z.object({
  ...sigmaCurveFields,
  num_train_timesteps: trainTimestepsField,
  shift: z.number().default(1),
  /** Noisier the larger the picture is, by how much its pipeline says. */
  use_dynamic_shifting: z.boolean().default(false),
  time_shift_type: z.enum(["exponential", "linear"]).default("exponential"),
  invert_sigmas: z.boolean().default(false),
  shift_terminal: z.number().nullable().default(null),
  stochastic_sampling: z.boolean().default(false),
});
export type FlowMatchEulerConfig = z.output<typeof flowMatchEulerConfigSchema>;

/**
 * Euler's method on the straight paths of flow matching: x_σ = (1 − σ)·x₀ + σ·ε, and the model predicts v = ε − x₀.
 *
 * Lipman et al., "Flow Matching for Generative Modeling", 2022 (arXiv:2210.02747); shift of Esser et al., "Scaling
 * Rectified Flow Transformers", 2024 (arXiv:2403.03206), formula (23).
 * Reference: diffusers, `FlowMatchEulerDiscreteScheduler`.
 *
 *   sigma    σ, the share of noise
 *   stride   dt = σ_{i+1} − σ_i
 */
export class FlowMatchEulerScheduler implements Scheduler {
  readonly order = 1;
  readonly initialNoiseSigma = 1;
  readonly timesteps: readonly number[];
  readonly #config: FlowMatchEulerConfig;
  /** The share of noise before each evaluation, then the one the run ends at. */
  readonly #sigmas: Float32Array;

  constructor(config: FlowMatchEulerConfig, run: SchedulerRun) {
    this.#config = config;
    const { num_train_timesteps, invert_sigmas } = config;
    const falling = runSigmas(config, run);
    const sigmas = invert_sigmas ? falling.map((sigma) => Math.fround(1 - sigma)) : falling;
    this.#sigmas = Float32Array.from([...sigmas, invert_sigmas ? 1 : 0]);
    this.timesteps = sigmas.map((sigma) => Math.fround(sigma * num_train_timesteps));
  }

  scaleModelInput(sample: Float32Array): Float32Array {
    return sample;
  }

  step(modelOutput: Float32Array, index: number, sample: Float32Array, noise: NoiseSource): SchedulerStep {
    const sigma = this.#sigmas[index]!;
    const sigmaNext = this.#sigmas[index + 1]!;

    // 1. Predicted x₀, at the end of the straight path.
    const predictedClean = weightedSum([1, -sigma], [sample, modelOutput]);

    // 2. Along the path, or by fresh noise from x₀ to the next share.
    if (!this.#config.stochastic_sampling)
      return { sample: weightedSum([1, sigmaNext - sigma], [sample, modelOutput]), predictedClean };
    const fresh = noise.normal(sample.length);
    return { sample: weightedSum([1 - sigmaNext, sigmaNext], [predictedClean, fresh]), predictedClean };
  }

  addNoise(clean: Float32Array, noise: Float32Array, index: number): Float32Array {
    const sigma = this.#sigmas[index]!;
    return weightedSum([sigma, 1 - sigma], [noise, clean]);
  }
}

/** Falling shares of noise in float32, `set_timesteps` in diffusers. */
function runSigmas(config: FlowMatchEulerConfig, { steps, sigmas: given, mu }: SchedulerRun): number[] {
  const { num_train_timesteps: count, shift_terminal } = config;
  const shifted = shiftOf(config, given ? Math.fround : (value) => value, mu);
  // The ends of the training range are shifted already, and the reference shifts once more.
  const min = () => Math.fround(staticShift(config.shift, (value) => value)(1 / count));
  let sigmas = (given?.map(Math.fround) ?? linspace(1, min(), steps)).map(shifted);
  if (shift_terminal) {
    const stretch = (1 - sigmas[steps - 1]!) / (1 - shift_terminal);
    sigmas = sigmas.map((sigma) => 1 - (1 - sigma) / stretch);
  }
  const curved = curvedSigmas(config, sigmas[steps - 1]!, sigmas[0]!, steps);
  return (curved ?? sigmas).map(Math.fround);
}

type Rounding = (value: number) => number;

/** How a share of noise is moved: by the configuration's constant, or by `mu`, which grows with the picture. */
function shiftOf(config: FlowMatchEulerConfig, round: Rounding, mu: number | undefined): (sigma: number) => number {
  if (!config.use_dynamic_shifting) return staticShift(config.shift, round);
  if (mu === undefined)
    throw unsupportedOption(config, "use_dynamic_shifting", "the model's pipeline does not shift by picture size");
  const weight = round(config.time_shift_type === "exponential" ? Math.exp(mu) : mu);
  return (sigma) => round(weight / round(weight + round(round(1 / sigma) - 1)));
}

/** Formula (23): s·σ / (1 + (s − 1)·σ). The reference computes in single precision where a pipeline gives it the shares. */
function staticShift(shift: number, round: Rounding): (sigma: number) => number {
  return (sigma) => round(round(shift * sigma) / round(1 + round((shift - 1) * sigma)));
}
