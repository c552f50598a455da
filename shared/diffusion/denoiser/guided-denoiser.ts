import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { ModelPack } from "../model-pack.ts";
import type { ModelSession, Tensor, ValueInfo } from "../model-session.ts";
import { fixedDimension, requireInput } from "../pack/graph-facts.ts";
import { toFloats, toGraphInput } from "../tensors/graph-values.ts";
import { requireFinite } from "../tensors/require-finite.ts";
import type { Conditioning } from "../text/encode-prompt.ts";

export interface DenoiserOptions {
  readonly conditioning: Conditioning;
  readonly guidanceScale: number;
  /** Latent size in cells. */
  readonly width: number;
  readonly height: number;
  /** [channels, height, width] appended to the latents at every step: mask and masked picture, or the small picture. */
  readonly extraChannels?: Float32Array | undefined;
}

/**
 * The denoiser with classifier-free guidance: one call per step, whatever the graph's conventions are.
 *
 * Ho and Salimans, "Classifier-Free Diffusion Guidance", 2022.
 */
export class GuidedDenoiser {
  readonly #session: ModelSession;
  readonly #guidanceScale: number;
  readonly #isGuided: boolean;
  /** [batch, channels, height, width], the extra channels already in place. */
  readonly #sample: Float32Array;
  readonly #sampleDims: readonly number[];
  readonly #inputs: { readonly sample: ValueInfo; readonly timestep: ValueInfo };
  readonly #embeddings: Tensor;

  private constructor(session: ModelSession, options: DenoiserOptions) {
    const { conditioning, width, height, extraChannels = new Float32Array(0) } = options;
    this.#session = session;
    this.#guidanceScale = options.guidanceScale;
    this.#isGuided = conditioning.negative !== undefined;
    this.#inputs = {
      sample: requireInput(session, "unet", "sample"),
      timestep: requireInput(session, "unet", "timestep"),
    };
    // Without guidance, graphs exported for a batch of two get the same image twice.
    const embeddings = conditioning.negative ? [conditioning.negative, conditioning.prompt] : [conditioning.prompt];
    const batch = fixedDimension(this.#inputs.sample, 0) ?? embeddings.length;
    while (embeddings.length < batch) embeddings.push(conditioning.prompt);

    const cells = width * height;
    const channels = fixedDimension(this.#inputs.sample, 1) ?? 0;
    this.#sampleDims = [batch, channels, height, width];
    this.#sample = new Float32Array(batch * channels * cells);
    for (let image = 1; image <= batch; image++)
      this.#sample.set(extraChannels, image * channels * cells - extraChannels.length);

    const { tokens, width: textWidth } = conditioning.prompt;
    const hidden = new Float32Array(batch * tokens * textWidth);
    for (const [image, embedding] of embeddings.entries()) hidden.set(embedding.hidden, image * tokens * textWidth);
    const textInput = requireInput(session, "unet", "encoder_hidden_states");
    this.#embeddings = toGraphInput(textInput, [batch, tokens, textWidth], hidden);
  }

  static async create(pack: ModelPack, options: DenoiserOptions): Promise<GuidedDenoiser> {
    return new GuidedDenoiser(await pack.session("unet"), options);
  }

  /**
   * The guided model output for latents that the scheduler has scaled.
   *
   * @param latents [channels, height, width] of one image.
   * @param timestep As the scheduler gives it; graphs with integer timesteps get it truncated.
   * @param where Which step this is, for messages.
   */
  async predict(latents: Float32Array, timestep: number, where: string): Promise<Float32Array> {
    const size = this.#sample.length / this.#sampleDims[0]!;
    for (let start = 0; start < this.#sample.length; start += size) this.#sample.set(latents, start);

    const outputs = await this.#session.run({
      sample: toGraphInput(this.#inputs.sample, this.#sampleDims, this.#sample),
      timestep: this.#timestepTensor(timestep),
      encoder_hidden_states: this.#embeddings,
    });
    const output = toFloats(requireOutput(outputs));
    requireFinite(output, `unet at ${where}`);
    if (!this.#isGuided) return output.subarray(0, latents.length);
    return guide(
      output.subarray(0, latents.length),
      output.subarray(latents.length, 2 * latents.length),
      this.#guidanceScale,
    );
  }

  /** Rank 0 or 1 as the graph declares it. */
  #timestepTensor(timestep: number): Tensor {
    const { timestep: input } = this.#inputs;
    const count = input.shape.length === 0 ? 1 : (fixedDimension(input, 0) ?? 1);
    return toGraphInput(input, input.shape.length === 0 ? [] : [count], new Float32Array(count).fill(timestep));
  }
}

/** ε = ε_∅ + w·(ε_text − ε_∅). Written over the unconditional output, which the session handed to us. */
function guide(unconditional: Float32Array, text: Float32Array, scale: number): Float32Array {
  for (let i = 0; i < unconditional.length; i++)
    unconditional[i] = unconditional[i]! + scale * (text[i]! - unconditional[i]!);
  return unconditional;
}

function requireOutput(outputs: Readonly<Record<string, Tensor>>): Tensor {
  const output = outputs.out_sample ?? Object.values(outputs)[0];
  if (output) return output;
  throw new OverpaintError("unsupported-model", "The model's unet has no output.", "Export the model again.");
}
