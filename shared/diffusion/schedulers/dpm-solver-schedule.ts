import type { DpmSolverConfig } from "./dpm-solver-multistep-scheduler.ts";
import { interpolate, linspace, roundHalfToEven } from "./numpy-arithmetic.ts";
import { curvedSigmas, sigmaToTimestep } from "./sigma-schedule.ts";
import { trailingTimesteps } from "./spaced-timesteps.ts";

export interface SigmaSchedule {
  readonly timesteps: readonly number[];
  /** One more than timesteps: the noise level before each evaluation, then the one the run ends at. */
  readonly sigmas: Float32Array;
}

/**
 * Timesteps and noise levels of DPM-Solver, `DPMSolverMultistepScheduler.set_timesteps` in diffusers.
 *
 * @param trainSigmas Noise levels of the training timesteps, rising.
 */
export function dpmSolverSchedule(config: DpmSolverConfig, trainSigmas: Float32Array, steps: number): SigmaSchedule {
  const { sigmas, timesteps } = inferenceSigmas(config, trainSigmas, steps);
  const last = config.final_sigmas_type === "zero" ? 0 : trainSigmas[0]!;
  // Timesteps reach the denoiser as integers.
  return { timesteps: timesteps.map(Math.trunc), sigmas: Float32Array.from([...sigmas, last]) };
}

function inferenceSigmas(
  config: DpmSolverConfig,
  trainSigmas: Float32Array,
  steps: number,
): { readonly sigmas: readonly number[]; readonly timesteps: readonly number[] } {
  const max = trainSigmas[trainSigmas.length - 1]!;
  const min = trainSigmas[0]!;
  const areTimestepsRounded = config.beta_schedule !== "squaredcos_cap_v2";

  if (config.use_lu_lambdas && !config.use_karras_sigmas) {
    // Lu et al., "DPM-Solver++", 2022: even in log σ.
    const sigmas = linspace(Math.log(max), Math.log(min), steps).map(Math.exp);
    const timesteps = sigmas.map((sigma) => sigmaToTimestep(sigma, trainSigmas));
    return { sigmas, timesteps: areTimestepsRounded ? timesteps.map(roundHalfToEven) : timesteps };
  }
  const curved = curvedSigmas(config, min, max, steps);
  if (curved) {
    const timesteps = curved.map((sigma) => sigmaToTimestep(sigma, trainSigmas));
    const isRounded = config.use_karras_sigmas && areTimestepsRounded;
    return { sigmas: curved, timesteps: isRounded ? timesteps.map(roundHalfToEven) : timesteps };
  }
  if (config.use_flow_sigmas) {
    const unshifted = linspace(1, 1 / config.num_train_timesteps, steps + 1).map((alpha) => 1 - alpha);
    const shift = config.flow_shift;
    const sigmas = unshifted.map((sigma) => (shift * sigma) / (1 + (shift - 1) * sigma)).reverse();
    sigmas.pop();
    return { sigmas, timesteps: sigmas.map((sigma) => sigma * config.num_train_timesteps) };
  }
  const timesteps = spacedDpmTimesteps(config, trainSigmas, steps);
  return { sigmas: timesteps.map((timestep) => interpolate(trainSigmas, timestep)), timesteps };
}

/** Spaced over one interval more than there are steps: the last interval ends at the final noise level. */
function spacedDpmTimesteps(config: DpmSolverConfig, trainSigmas: Float32Array, steps: number): number[] {
  // λ = −ln σ falls with the timestep; timesteps whose λ lies below the limit are left out.
  const last = trainSigmas.filter((sigma) => -Math.log(sigma) >= config.lambda_min_clipped).length;
  switch (config.timestep_spacing) {
    case "linspace":
      return linspace(0, last - 1, steps + 1)
        .map(roundHalfToEven)
        .reverse()
        .slice(0, -1);
    case "leading": {
      const ratio = Math.floor(last / (steps + 1));
      return Array.from({ length: steps }, (_, i) => (steps - i) * ratio + config.steps_offset);
    }
    case "trailing":
      return trailingTimesteps(last, config.num_train_timesteps / steps);
  }
}
