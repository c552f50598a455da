import type { VaeDescription } from "../pack/pack-description.ts";

/** The autoencoder's latents to the scheduler's: shifted, scaled to about unit variance. In place. */
export function scaleLatents(latents: Float32Array, vae: VaeDescription): Float32Array {
  const { scalingFactor, shiftFactor } = vae;
  for (let i = 0; i < latents.length; i++) latents[i] = (latents[i]! - shiftFactor) * scalingFactor;
  return latents;
}

/** The scheduler's latents to the autoencoder's. */
export function unscaleLatents(latents: Float32Array, vae: VaeDescription): Float32Array {
  const { scalingFactor, shiftFactor } = vae;
  const unscaled = new Float32Array(latents.length);
  for (let i = 0; i < unscaled.length; i++) unscaled[i] = latents[i]! / scalingFactor + shiftFactor;
  return unscaled;
}
