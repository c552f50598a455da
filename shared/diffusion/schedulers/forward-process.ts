import { weightedSum } from "../tensors/weighted-sum.ts";

/**
 * A draw from q(x_t | x₀) in closed form: √ᾱ·x₀ + √(1−ᾱ)·ε.
 *
 * Ho et al., "Denoising Diffusion Probabilistic Models", 2020, formula (4).
 *
 * @param clean x₀.
 * @param noise ε, standard normal, as long as `clean`.
 * @param alphaProduct ᾱ at the timestep, from 1 (clean) to 0 (pure noise).
 */
export function forwardProcess(clean: Float32Array, noise: Float32Array, alphaProduct: number): Float32Array {
  return weightedSum([Math.sqrt(alphaProduct), Math.sqrt(1 - alphaProduct)], [clean, noise]);
}
