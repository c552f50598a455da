import type { PixelSize } from "../../protocol/geometry.ts";
import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { CodingOptions, LatentDistribution, LatentSpace } from "../models/diffusion-model.ts";
import type { Component, GraphSource } from "../pack/component.ts";
import { requireSingleInput } from "../pack/graph-declaration.ts";
import type { PictureTensor } from "../picture-tensor.ts";
import type { NoiseSource } from "../random/noise-source.ts";
import { toFloats, toGraphInput } from "../tensors/graph-values.ts";
import { requireFinite } from "../tensors/require-finite.ts";
import { throwIfCancelled } from "../throw-if-cancelled.ts";
import { type Planes, runTiled, tiledRun } from "./tiling.ts";

/** Bounds of the log-variance in diffusers' `DiagonalGaussianDistribution`. */
const MIN_LOG_VARIANCE = -30;
const MAX_LOG_VARIANCE = 20;

export interface AutoencoderConfig {
  readonly scalingFactor: number;
  readonly shiftFactor: number;
  readonly latentChannels: number;
  /** Pixels per latent cell along each side. */
  readonly latentScale: number;
  /** Picture side the autoencoder was trained on; tiles have this size. */
  readonly sampleSize: number;
}

/**
 * The latent space of Stable Diffusion's autoencoders: diffusers' `AutoencoderKL`, and tiny ones that take its place. Its
 * graphs are the pack's vae_encoder, vae_decoder and, for previews where there is one, tiny_vae_decoder.
 */
export class AutoencoderKl implements LatentSpace {
  readonly #graphs: GraphSource;
  readonly #config: AutoencoderConfig;

  constructor(graphs: GraphSource, config: AutoencoderConfig) {
    this.#graphs = graphs;
    this.#config = config;
  }

  get channels(): number {
    return this.#config.latentChannels;
  }

  get cell(): number {
    return this.#config.latentScale;
  }

  get hasPreviews(): boolean {
    return !this.#graphs.isLean || this.#graphs.has("tiny_vae_decoder");
  }

  async encode(pictures: readonly PictureTensor[], options: CodingOptions): Promise<LatentDistribution> {
    const encoded: LatentDistribution[] = [];
    for (const [index, picture] of pictures.entries()) {
      const known = encoded[pictures.indexOf(picture)];
      encoded[index] = known ?? (await this.#encodeOne(picture, options));
    }
    const [only, ...others] = encoded;
    if (only && others.length === 0) return only;
    const deviations = encoded.flatMap(({ deviation }) => deviation ?? []);
    return {
      mean: joined(encoded.map(({ mean }) => mean)),
      deviation: deviations.length === encoded.length ? joined(deviations) : undefined,
    };
  }

  sample({ mean, deviation }: LatentDistribution, repeats: number, noise: NoiseSource): Float32Array {
    const latents = deviation ? noise.normal(repeats * mean.length) : new Float32Array(repeats * mean.length);
    for (let start = 0; start < latents.length; start += mean.length)
      for (let i = 0; i < mean.length; i++) {
        const drawn = deviation ? deviation[i]! * latents[start + i]! : 0;
        latents[start + i] = mean[i]! + drawn;
      }
    return this.#scaled(latents);
  }

  mean({ mean }: LatentDistribution): Float32Array {
    return this.#scaled(mean.slice());
  }

  async decode(latents: Float32Array, size: PixelSize, options: CodingOptions): Promise<PictureTensor> {
    await this.#graphs.finishDenoising();
    return await this.#decode(latents, size, options);
  }

  async #decode(latents: Float32Array, size: PixelSize, { isTiled, signal }: CodingOptions): Promise<PictureTensor> {
    const { sampleSize, latentScale } = this.#config;
    const planes = this.#latentPlanes(this.#unscaled(latents), size);
    const decode = (tile: Planes) => this.#run("vae_decoder", tile, signal);
    const run = tiledRun(sampleSize / latentScale, sampleSize);
    return isTiled && this.#isLarge(size) ? await runTiled(planes, run, decode) : await decode(planes);
  }

  async decodePreview(latents: Float32Array, size: PixelSize, options: CodingOptions): Promise<PictureTensor> {
    if (!this.#graphs.has("tiny_vae_decoder")) return await this.#decode(latents, size, options);
    // Tiny autoencoders take latents as the scheduler sees them.
    return await this.#run("tiny_vae_decoder", this.#latentPlanes(latents, size), options.signal);
  }

  async #encodeOne(picture: PictureTensor, { isTiled, signal }: CodingOptions): Promise<LatentDistribution> {
    const { latentChannels, latentScale, sampleSize } = this.#config;
    const encode = (tile: Planes) => this.#run("vae_encoder", tile, signal);
    const planes = { ...picture, channels: 3 };
    const run = tiledRun(sampleSize, sampleSize / latentScale);
    const encoded = isTiled && this.#isLarge(picture) ? await runTiled(planes, run, encode) : await encode(planes);

    const size = (latentChannels * (picture.height / latentScale) * picture.width) / latentScale;
    if (encoded.data.length === size) return { mean: encoded.data, deviation: undefined };
    if (encoded.data.length === 2 * size) return toDistribution(encoded.data, size);
    throw new OverpaintError(
      "unsupported-model",
      `The model's vae_encoder answered ${encoded.channels}×${encoded.height}×${encoded.width} for a picture of ${picture.width}×${picture.height}.`,
      `Expected were ${latentChannels} or ${2 * latentChannels} channels at 1/${latentScale} of its size; check vae_encoder/config.json.`,
    );
  }

  /** Runs a graph of one input on [1, channels, height, width]. */
  async #run(component: Component, planes: Planes, signal: AbortSignal | undefined): Promise<Planes> {
    throwIfCancelled(signal);
    const session = await this.#graphs.session(component);
    const input = requireSingleInput(session, component);
    const dims = [1, planes.channels, planes.height, planes.width];
    const outputs = await session.run({ [input.name]: toGraphInput(input, dims, planes.data) });
    const output = Object.values(outputs)[0]!; // a graph has an output
    const data = toFloats(output);
    requireFinite(data, { component }, [planes.data]);
    const [, channels, height, width] = output.dims as readonly [number, number, number, number];
    return { channels, height, width, data };
  }

  #isLarge({ width, height }: PixelSize): boolean {
    return width > this.#config.sampleSize || height > this.#config.sampleSize;
  }

  #latentPlanes(data: Float32Array, { width, height }: PixelSize): Planes {
    const { latentChannels: channels, latentScale } = this.#config;
    return { channels, width: width / latentScale, height: height / latentScale, data };
  }

  /** The autoencoder's latents to the scheduler's: shifted, scaled to about unit variance. In place. */
  #scaled(latents: Float32Array): Float32Array {
    const { scalingFactor, shiftFactor } = this.#config;
    for (let i = 0; i < latents.length; i++) latents[i] = (latents[i]! - shiftFactor) * scalingFactor;
    return latents;
  }

  /** The scheduler's latents to the autoencoder's. */
  #unscaled(latents: Float32Array): Float32Array {
    const { scalingFactor, shiftFactor } = this.#config;
    const unscaled = new Float32Array(latents.length);
    for (let i = 0; i < unscaled.length; i++) unscaled[i] = latents[i]! / scalingFactor + shiftFactor;
    return unscaled;
  }
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
