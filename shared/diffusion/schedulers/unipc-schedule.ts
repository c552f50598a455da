import type { SigmaSchedule } from "./dpm-solver-schedule.ts";
import { interpolate, linspace, roundHalfToEven } from "./numpy-arithmetic.ts";
import { curvedSigmas, isCurved, sigmaToTimestep } from "./sigma-schedule.ts";
import { trailingTimesteps } from "./spaced-timesteps.ts";
import type { UniPcConfig } from "./unipc-scheduler.ts";

/** A flow schedule starts just short of pure noise, where λ would be −∞. */
const FLOW_MARGIN = 1e-6;

/**
 * Timesteps and noise levels of UniPC, `UniPCMultistepScheduler.set_timesteps` in diffusers.
 *
 * @param trainSigmas Noise levels of the training timesteps, rising.
 */
export function uniPcSchedule(config: UniPcConfig, trainSigmas: Float32Array, steps: number): SigmaSchedule {
  const { sigmas, timesteps } = inferenceSigmas(config, trainSigmas, steps);
  const isReplaced = isCurved(config) || config.use_flow_sigmas;
  const smallest = isReplaced ? sigmas[sigmas.length - 1]! : trainSigmas[0]!;
  const last = config.final_sigmas_type === "zero" ? 0 : smallest;
  // Timesteps reach the denoiser as integers.
  return { timesteps: timesteps.map(Math.trunc), sigmas: Float32Array.from([...sigmas, last]) };
}

function inferenceSigmas(
  config: UniPcConfig,
  trainSigmas: Float32Array,
  steps: number,
): { readonly sigmas: readonly number[]; readonly timesteps: readonly number[] } {
  const { num_train_timesteps: count, use_flow_sigmas, use_karras_sigmas } = config;
  const min = config.sigma_min ?? trainSigmas[0]!;
  const max = config.sigma_max ?? trainSigmas[trainSigmas.length - 1]!;
  const curved = curvedSigmas(config, min, max, steps);
  if (curved && use_karras_sigmas && use_flow_sigmas) {
    const sigmas = curved.map((sigma) => sigma / (sigma + 1));
    return { sigmas, timesteps: sigmas.map((sigma) => sigma * count) };
  }
  if (curved) {
    const timesteps = curved.map((sigma) => sigmaToTimestep(sigma, trainSigmas));
    return { sigmas: curved, timesteps: use_karras_sigmas ? timesteps.map(roundHalfToEven) : timesteps };
  }
  if (use_flow_sigmas) {
    const sigmas = flowSigmas(config, steps);
    return { sigmas, timesteps: sigmas.map((sigma) => sigma * count) };
  }
  const timesteps = spacedUniPcTimesteps(config, steps);
  return { sigmas: timesteps.map((timestep) => interpolate(trainSigmas, timestep)), timesteps };
}

function flowSigmas({ num_train_timesteps, flow_shift: shift, shift_terminal }: UniPcConfig, steps: number): number[] {
  let sigmas = linspace(1, 1 / num_train_timesteps, steps + 1)
    .slice(0, -1)
    .map((sigma) => (shift * sigma) / (1 + (shift - 1) * sigma));
  if (shift_terminal) {
    const stretch = (1 - sigmas[steps - 1]!) / (1 - shift_terminal);
    sigmas = sigmas.map((sigma) => 1 - (1 - sigma) / stretch);
  }
  if (Math.abs(sigmas[0]! - 1) < FLOW_MARGIN) sigmas[0]! -= FLOW_MARGIN;
  return sigmas;
}

/** Spaced over one interval more than there are steps: the last interval ends at the final noise level. */
function spacedUniPcTimesteps(config: UniPcConfig, steps: number): number[] {
  const { num_train_timesteps: count, timestep_spacing, steps_offset } = config;
  switch (timestep_spacing) {
    case "linspace":
      return linspace(0, count - 1, steps + 1)
        .map(roundHalfToEven)
        .reverse()
        .slice(0, -1);
    case "leading": {
      const ratio = Math.floor(count / (steps + 1));
      return Array.from({ length: steps }, (_, i) => (steps - i) * ratio + steps_offset);
    }
    case "trailing":
      return trailingTimesteps(count, count / steps);
  }
}
