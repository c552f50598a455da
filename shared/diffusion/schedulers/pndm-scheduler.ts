import { z } from "zod";
import { OverpaintError } from "../../protocol/overpaint-error.ts";
import { weightedSum } from "../tensors/weighted-sum.ts";
import { alphasCumprod, betaFields, forwardProcess } from "./common/noise-schedule.ts";
import { predictClean, predictNoise } from "./common/prediction.ts";
import { spacedTimesteps, timestepSpacingSchema } from "./common/timesteps.ts";
import type { Scheduler, SchedulerRun, SchedulerStep } from "./scheduler.ts";

export const pndmConfigSchema = z.object({
  ...betaFields,
  prediction_type: z.enum(["epsilon", "v_prediction"]).default("epsilon"),
  skip_prk_steps: z.boolean().default(false),
  set_alpha_to_one: z.boolean().default(false),
  steps_offset: z.int().default(0),
  timestep_spacing: timestepSpacingSchema.default("leading"),
});
export type PndmConfig = z.output<typeof pndmConfigSchema>;

/** Steps of the Runge-Kutta warm-up, which the linear multistep method needs as history. */
const WARM_UP_STEPS = 4;

/**
 * Pseudo numerical methods for diffusion models: a Runge-Kutta warm-up (PRK), then linear multistep (PLMS).
 *
 * Liu et al., "Pseudo Numerical Methods for Diffusion Models on Manifolds", 2022 (arXiv:2202.09778), formulas (9), (12),
 * (13) and algorithm 2. With `skip_prk_steps` the warm-up is Crowson's: lower orders, the second timestep twice.
 * Reference: diffusers, `PNDMScheduler`.
 *
 *   history   e_t, e_{t−δ}, …: earlier model outputs, newest first
 *   combined  e′_t: the output the transfer formula (9) is given
 *   stride    δ
 */
export class PndmScheduler implements Scheduler {
  readonly order = 1;
  readonly initialNoiseSigma = 1;
  readonly timesteps: readonly number[];
  readonly #config: PndmConfig;
  readonly #alphaProducts: Float32Array;
  readonly #stride: number;
  /** Timesteps of the warm-up, four evaluations to a step. */
  readonly #warmUp: readonly number[];
  #evaluations = 0;
  #history: Float32Array[] = [];
  /** Where the current Runge-Kutta or doubled step started. */
  #start: Float32Array | undefined;
  /** The Runge-Kutta sum so far. */
  #accumulated: Float32Array | undefined;

  constructor(config: PndmConfig, run: SchedulerRun) {
    this.#config = config;
    this.#alphaProducts = alphasCumprod(config);
    this.#stride = Math.floor(config.num_train_timesteps / run.steps);
    const { timestep_spacing, num_train_timesteps, steps_offset } = config;
    const spaced = spacedTimesteps(timestep_spacing, num_train_timesteps, run.steps, steps_offset);
    if (config.skip_prk_steps) {
      this.#warmUp = [];
      this.timesteps = spaced.length > 1 ? [...spaced.slice(0, 2), ...spaced.slice(1)] : spaced;
    } else {
      if (run.steps < WARM_UP_STEPS) throw tooFewSteps(run.steps);
      this.#warmUp = warmUpTimesteps(spaced.slice(0, WARM_UP_STEPS), Math.floor(this.#stride / 2));
      this.timesteps = [...this.#warmUp, ...spaced.slice(WARM_UP_STEPS - 1)];
    }
  }

  scaleModelInput(sample: Float32Array): Float32Array {
    return sample;
  }

  step(modelOutput: Float32Array, index: number, sample: Float32Array): SchedulerStep {
    const timestep = this.timesteps[index]!;
    const alphaProduct = this.#alphaProducts[timestep]!;
    const { prediction_type: type } = this.#config;
    const predictedClean = predictClean(
      type,
      modelOutput,
      sample,
      Math.sqrt(alphaProduct),
      Math.sqrt(1 - alphaProduct),
    );
    const isWarmingUp = this.#evaluations < this.#warmUp.length;
    const next = isWarmingUp
      ? this.#rungeKuttaStep(modelOutput, timestep, sample)
      : this.#multistepStep(modelOutput, timestep, sample);
    this.#evaluations++;
    return { sample: next, predictedClean };
  }

  addNoise(clean: Float32Array, noise: Float32Array, index: number): Float32Array {
    return forwardProcess(clean, noise, this.#alphaProducts[this.timesteps[index]!]!);
  }

  /** Formula (13): four evaluations, weighted 1/6, 1/3, 1/3, 1/6. */
  #rungeKuttaStep(modelOutput: Float32Array, timestep: number, sample: Float32Array): Float32Array {
    const stage = this.#evaluations % 4;
    const previous = timestep - (this.#evaluations % 2 === 1 ? 0 : Math.floor(this.#stride / 2));
    const from = this.#warmUp[this.#evaluations - stage]!;
    if (stage === 0) {
      this.#history.unshift(modelOutput);
      this.#start = sample;
    }
    const weight = stage === 0 || stage === 3 ? 1 / 6 : 1 / 3;
    const accumulated: Float32Array = this.#accumulated
      ? weightedSum([1, weight], [this.#accumulated, modelOutput])
      : weightedSum([weight], [modelOutput]);
    this.#accumulated = stage === 3 ? undefined : accumulated;
    const combined = stage === 3 ? accumulated : modelOutput;
    return this.#transfer(this.#start ?? sample, from, previous, combined);
  }

  /** Formula (12): up to four outputs; the second evaluation of a run repeats the first step with a better slope. */
  #multistepStep(modelOutput: Float32Array, timestep: number, sample: Float32Array): Float32Array {
    if (this.#evaluations === 1) {
      const combined = weightedSum([0.5, 0.5], [modelOutput, this.#history[0]!]);
      const start = this.#start!; // Set by the first evaluation.
      return this.#transfer(start, timestep + this.#stride, timestep, combined);
    }
    if (this.#evaluations === 0) this.#start = sample;
    this.#history = [modelOutput, ...this.#history].slice(0, 4);
    const coefficients = adamsBashforth[this.#history.length - 1]!;
    return this.#transfer(sample, timestep, timestep - this.#stride, weightedSum(coefficients, this.#history));
  }

  /** The transfer part, formula (9). */
  #transfer(sample: Float32Array, timestep: number, previous: number, combined: Float32Array): Float32Array {
    const alphaProduct = this.#alphaProducts[timestep]!;
    const finalAlphaProduct = this.#config.set_alpha_to_one ? 1 : this.#alphaProducts[0]!;
    const alphaProductPrevious = previous >= 0 ? this.#alphaProducts[previous]! : finalAlphaProduct;
    const alpha = Math.sqrt(alphaProduct);
    const sigma = Math.sqrt(1 - alphaProduct);
    const noise = predictNoise(this.#config.prediction_type, combined, sample, alpha, sigma);

    const sampleWeight = Math.sqrt(alphaProductPrevious / alphaProduct);
    const denominator =
      alphaProduct * Math.sqrt(1 - alphaProductPrevious) +
      Math.sqrt(alphaProduct * (1 - alphaProduct) * alphaProductPrevious);
    return weightedSum([sampleWeight, -(alphaProductPrevious - alphaProduct) / denominator], [sample, noise]);
  }
}

/** Weights of the outputs, newest first, by how many there are. */
const adamsBashforth: readonly (readonly number[])[] = [
  [1],
  [3 / 2, -1 / 2],
  [23 / 12, -16 / 12, 5 / 12],
  [55 / 24, -59 / 24, 37 / 24, -9 / 24],
];

/** Each step is evaluated at its start, twice in its middle, and at its end, which is the next one's start. */
function warmUpTimesteps(starts: readonly number[], half: number): number[] {
  const points = [...starts].reverse().flatMap((timestep) => [timestep, timestep + half]);
  points.pop();
  return points
    .flatMap((timestep) => [timestep, timestep])
    .slice(1, -1)
    .reverse();
}

function tooFewSteps(steps: number): OverpaintError {
  return new OverpaintError(
    "invalid-request",
    `The PNDM scheduler needs at least ${WARM_UP_STEPS} steps, not ${steps}.`,
    `Use ${WARM_UP_STEPS} steps or more, or set skip_prk_steps in the pack's scheduler_config.json.`,
  );
}
