import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { ModelPack } from "../model-pack.ts";
import { requireInput } from "../pack/graph-facts.ts";
import type { PictureTensor } from "../picture-tensor.ts";
import type { NoiseSource } from "../random/noise-source.ts";
import { toFloats, toGraphInput } from "../tensors/graph-values.ts";
import { requireFinite } from "../tensors/require-finite.ts";

/** Bounds of the log-variance in diffusers' `DiagonalGaussianDistribution`. */
const MIN_LOG_VARIANCE = -30;
const MAX_LOG_VARIANCE = 20;

/**
 * Encodes a picture to latents as the scheduler sees them: [channels, height / scale, width / scale], scaled and shifted.
 * Draws from `noise` when the graph answers a distribution; some exporters sample inside the graph.
 */
export async function encodePicture(
  pack: ModelPack,
  picture: PictureTensor,
  noise: NoiseSource,
): Promise<Float32Array> {
  const { width, height, data } = picture;
  const { latentChannels, latentScale, scalingFactor, shiftFactor } = pack.description.vae;
  const session = await pack.session("vae_encoder");
  const input = requireInput(session, "vae_encoder", "sample");
  const outputs = await session.run({ sample: toGraphInput(input, [1, 3, height, width], data) });
  const output = Object.values(outputs)[0]!; // [1, channels, height / scale, width / scale]
  const values = toFloats(output);
  requireFinite(values, "vae_encoder");

  const size = (latentChannels * (height / latentScale) * width) / latentScale;
  const latents = output.dims[1] === 2 * latentChannels ? sampleGaussian(values, size, noise) : values.slice(0, size);
  if (latents.length !== size)
    throw new OverpaintError(
      "unsupported-model",
      `The model's vae_encoder answered ${output.dims.join("×")} for a picture of ${width}×${height}.`,
      `Expected were ${latentChannels} or ${2 * latentChannels} channels at 1/${latentScale} of its size; check vae_encoder/config.json.`,
    );
  for (let i = 0; i < size; i++) latents[i] = (latents[i]! - shiftFactor) * scalingFactor;
  return latents;
}

/** A draw from the distribution whose means come first and log-variances second. */
function sampleGaussian(parameters: Float32Array, size: number, noise: NoiseSource): Float32Array {
  const sample = noise.normal(size);
  for (let i = 0; i < size; i++) {
    const logVariance = Math.min(MAX_LOG_VARIANCE, Math.max(MIN_LOG_VARIANCE, parameters[size + i]!));
    sample[i] = parameters[i]! + Math.exp(0.5 * logVariance) * sample[i]!;
  }
  return sample;
}
