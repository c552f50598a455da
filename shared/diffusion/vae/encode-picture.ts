import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { ModelPack } from "../model-pack.ts";
import { requireSingleInput } from "../pack/graph-facts.ts";
import type { PictureTensor } from "../picture-tensor.ts";
import type { NoiseSource } from "../random/noise-source.ts";
import { toFloats, toGraphInput } from "../tensors/graph-values.ts";
import { requireFinite } from "../tensors/require-finite.ts";
import { scaleLatents } from "./latent-scaling.ts";
import { type Planes, runTiled, tiledRun } from "./tiling.ts";

/** Bounds of the log-variance in diffusers' `DiagonalGaussianDistribution`. */
const MIN_LOG_VARIANCE = -30;
const MAX_LOG_VARIANCE = 20;

/** What an encoder makes of pictures, [pictures, latent channels, height / scale, width / scale], before scaling. */
export interface LatentDistribution {
  readonly mean: Float32Array;
  /** Absent when the graph samples by itself, or does not know chance (tiny autoencoders). */
  readonly deviation: Float32Array | undefined;
}

/**
 * Encodes a picture.
 *
 * @param isTiled Encode pictures larger than the autoencoder's own size in overlapping tiles, to bound the memory.
 */
export async function encodePicture(
  pack: ModelPack,
  picture: PictureTensor,
  isTiled = false,
): Promise<LatentDistribution> {
  const { latentChannels, latentScale, sampleSize } = pack.description.vae;
  const session = await pack.session("vae_encoder");
  const input = requireSingleInput(session, "vae_encoder");
  const encode = async ({ width, height, data }: Planes): Promise<Planes> => {
    const outputs = await session.run({ [input.name]: toGraphInput(input, [1, 3, height, width], data) });
    const output = Object.values(outputs)[0]!; // [1, channels, height / scale, width / scale]
    const values = toFloats(output);
    requireFinite(values, "vae_encoder", [data]);
    const [, channels, rows, columns] = output.dims as readonly [number, number, number, number];
    return { channels, height: rows, width: columns, data: values };
  };

  const planes = { ...picture, channels: 3 };
  const isLarger = picture.width > sampleSize || picture.height > sampleSize;
  const run = tiledRun(sampleSize, sampleSize / latentScale);
  const encoded = isTiled && isLarger ? await runTiled(planes, run, encode) : await encode(planes);

  const size = (latentChannels * (picture.height / latentScale) * picture.width) / latentScale;
  if (encoded.data.length === size) return { mean: encoded.data, deviation: undefined };
  if (encoded.data.length === 2 * size) return toDistribution(encoded.data, size);
  throw new OverpaintError(
    "unsupported-model",
    `The model's vae_encoder answered ${encoded.channels}×${encoded.height}×${encoded.width} for a picture of ${picture.width}×${picture.height}.`,
    `Expected were ${latentChannels} or ${2 * latentChannels} channels at 1/${latentScale} of its size; check vae_encoder/config.json.`,
  );
}

/** Encodes pictures of one size one after the other; one that comes several times, once. */
export async function encodePictures(
  pack: ModelPack,
  pictures: readonly PictureTensor[],
  isTiled = false,
): Promise<LatentDistribution> {
  const encoded: LatentDistribution[] = [];
  for (const [index, picture] of pictures.entries()) {
    const known = encoded[pictures.indexOf(picture)];
    encoded[index] = known ?? (await encodePicture(pack, picture, isTiled));
  }
  if (encoded.length === 1) return encoded[0]!;
  const deviations = encoded.flatMap(({ deviation }) => deviation ?? []);
  return {
    mean: joined(encoded.map(({ mean }) => mean)),
    deviation: deviations.length === encoded.length ? joined(deviations) : undefined,
  };
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const size = parts[0]?.length ?? 0;
  const values = new Float32Array(parts.length * size);
  for (const [index, part] of parts.entries()) values.set(part, index * size);
  return values;
}

/** Means come first, log-variances second. */
function toDistribution(parameters: Float32Array, size: number): LatentDistribution {
  const deviation = new Float32Array(size);
  for (let i = 0; i < size; i++) {
    const logVariance = Math.min(MAX_LOG_VARIANCE, Math.max(MIN_LOG_VARIANCE, parameters[size + i]!));
    deviation[i] = Math.exp(0.5 * logVariance);
  }
  return { mean: parameters.subarray(0, size), deviation };
}

/**
 * Draws latents as the scheduler sees them, [batch, channels, height, width], each encoded picture `repeats` times.
 * Draws from `noise` only where there is a deviation.
 */
export function sampleLatents(
  pack: ModelPack,
  { mean, deviation }: LatentDistribution,
  repeats: number,
  noise: NoiseSource,
): Float32Array {
  const latents = deviation ? noise.normal(repeats * mean.length) : new Float32Array(repeats * mean.length);
  for (let start = 0; start < latents.length; start += mean.length)
    for (let i = 0; i < mean.length; i++) {
      const drawn = deviation ? deviation[i]! * latents[start + i]! : 0;
      latents[start + i] = mean[i]! + drawn;
    }
  return scaleLatents(latents, pack.description.vae);
}
