import type { Denoiser } from "../../denoiser/denoiser.ts";
import { guide, rescaleGuidance } from "../../denoiser/guidance.ts";
import { requireFinite } from "../../tensors/require-finite.ts";
import type { Conditioning, PromptEmbedding } from "../../text/conditioning.ts";
import { throwIfCancelled } from "../../throw-if-cancelled.ts";

/** The network of a family, for pictures of one size. */
export interface TransformerNetwork {
  /**
   * The velocity noise − picture for the latents of one image, [channels, height, width] of both.
   *
   * @param share of noise in the latents, σ
   * @param image which of the batch
   */
  velocity(latents: Float32Array, share: number, prompt: PromptEmbedding, image: number): Promise<Float32Array>;
}

export interface TransformerDenoiserOptions {
  readonly conditioning: Conditioning;
  /** Images denoised together. Sequences differ in length, so each is evaluated by itself. */
  readonly batch: number;
  /** w of classifier-free guidance: 1 is none. */
  readonly weight: number;
  readonly guidanceRescale?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Timesteps of training to one of the flow. */
const TIMESTEPS = 1000;

/** A transformer with classifier-free guidance. */
export class TransformerDenoiser implements Denoiser {
  readonly #network: TransformerNetwork;
  readonly #options: TransformerDenoiserOptions;

  constructor(network: TransformerNetwork, options: TransformerDenoiserOptions) {
    this.#network = network;
    this.#options = options;
  }

  async predict(latents: Float32Array, timestep: number, where: string): Promise<Float32Array> {
    const { conditioning, batch, weight, guidanceRescale = 0, signal } = this.#options;
    const { prompt, negative } = conditioning;
    const size = latents.length / batch;
    const velocities = new Float32Array(latents.length);
    for (let image = 0; image < batch; image++) {
      const own = latents.subarray(image * size, (image + 1) * size);
      const evaluate = async (embedding: PromptEmbedding): Promise<Float32Array> => {
        throwIfCancelled(signal);
        const velocity = await this.#network.velocity(own, Math.fround(timestep / TIMESTEPS), embedding, image);
        requireFinite(velocity, { component: "transformer", at: where }, [own, embedding.hidden]);
        return velocity;
      };
      const text = await evaluate(prompt);
      const guided = negative ? guide(await evaluate(negative), text, weight) : text;
      if (negative && guidanceRescale > 0) rescaleGuidance(guided, text, guidanceRescale, size);
      velocities.set(guided, image * size);
    }
    return velocities;
  }
}
