import type { NoiseScales } from "./common/noise-schedule.ts";
import type { DpmSolverConfig } from "./dpm-solver-multistep-scheduler.ts";

/** x_t = a·x + w₀·D0 + w₁·D1 + w₂·D2 + n·ε */
interface DpmSolverTerms {
  /** a. */
  readonly sample: number;
  /** w₀, w₁, w₂: one for each order. */
  readonly differences: readonly number[];
  /** n; undefined where the solver is deterministic. */
  readonly noise: number | undefined;
}

/**
 * Weights of one solver step. All four algorithms integrate an exponential e^z against a polynomial through the model's
 * outputs, whose parts D0, D1, D2 get (e^z − 1), (e^z − 1)/z − 1 and (e^z − 1 − z)/z² − ½, each times c:
 *
 *   algorithm         a               c        z      n
 *   dpmsolver++       σ_t/σ_s         −α_t     −h     –
 *   dpmsolver         α_t/α_s         −σ_t      h     –
 *   sde-dpmsolver++   σ_t/σ_s·e^−h    −α_t     −2h    σ_t·√(1 − e^−2h)
 *   sde-dpmsolver     α_t/α_s         −2σ_t     h     σ_t·√(e^2h − 1)
 *
 * Lu et al., "DPM-Solver++", 2022 (arXiv:2211.01095), algorithm 2 and appendix.
 *
 * @param from Scales at s, where the step starts.
 * @param to Scales at t, where it ends.
 */
export function dpmSolverTerms(
  { algorithm_type: algorithm, solver_type }: Pick<DpmSolverConfig, "algorithm_type" | "solver_type">,
  order: number,
  from: NoiseScales,
  to: NoiseScales,
): DpmSolverTerms {
  const h = to.lambda - from.lambda;
  const { sample, c, z, noise } = algorithmTerms(algorithm, from, to, h);
  const exponential = Math.expm1(z);
  switch (order) {
    case 1:
      return { sample, differences: [c * exponential], noise };
    case 2: {
      // The midpoint rule takes the output in the middle of the step instead of integrating D1.
      const first = solver_type === "midpoint" ? exponential / 2 : exponential / z - 1;
      return { sample, differences: [c * exponential, c * first], noise };
    }
    default: {
      // In the reference the stochastic integral's half has the other sign.
      const half = algorithm === "sde-dpmsolver++" ? -0.5 : 0.5;
      const second = (exponential - z) / z ** 2 - half;
      return { sample, differences: [c * exponential, c * (exponential / z - 1), c * second], noise };
    }
  }
}

function algorithmTerms(
  algorithm: DpmSolverConfig["algorithm_type"],
  from: NoiseScales,
  to: NoiseScales,
  h: number,
): { readonly sample: number; readonly c: number; readonly z: number; readonly noise: number | undefined } {
  switch (algorithm) {
    case "dpmsolver++":
      return { sample: to.sigma / from.sigma, c: -to.alpha, z: -h, noise: undefined };
    case "dpmsolver":
      return { sample: to.alpha / from.alpha, c: -to.sigma, z: h, noise: undefined };
    case "sde-dpmsolver++":
      return {
        sample: (to.sigma / from.sigma) * Math.exp(-h),
        c: -to.alpha,
        z: -2 * h,
        noise: to.sigma * Math.sqrt(-Math.expm1(-2 * h)),
      };
    case "sde-dpmsolver":
      return {
        sample: to.alpha / from.alpha,
        c: -2 * to.sigma,
        z: h,
        noise: to.sigma * Math.sqrt(Math.expm1(2 * h)),
      };
  }
}
