import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { ModelSession, Tensor, ValueInfo } from "../model-session.ts";
import { fixedDimension, requireInput } from "../pack/graph-declaration.ts";
import { toFloats, toGraphInput, writeGraphInput } from "../tensors/graph-values.ts";
import { requireFinite } from "../tensors/require-finite.ts";
import type { Conditioning } from "../text/conditioning.ts";
import { constantInputs, type DenoiserConditions } from "./constant-inputs.ts";
import type { ControlNets } from "./control-nets.ts";
import type { Denoiser, RunShare } from "./denoiser.ts";
import { type GuidanceOptions, guide, rescaleGuidance } from "./guidance.ts";

export interface GuidedDenoiserOptions extends GuidanceOptions, DenoiserConditions {
  readonly conditioning: Conditioning;
  /** Images denoised together. */
  readonly batch: number;
  /** Latent size in cells. */
  readonly width: number;
  readonly height: number;
  /** [batch, channels, height, width] appended to the latents at every step: mask and masked picture, or the small picture. */
  readonly extraChannels?: Float32Array | undefined;
  /** What adds to the maps of a graph that takes residuals. */
  readonly controlNets?: ControlNets | undefined;
}

/** One evaluation of the graph: which rows it covers, and everything that stays the same from step to step. */
interface Evaluation {
  /** Index of the image in the batch, one for each row. */
  readonly images: readonly number[];
  /** Whether each row is one without the prompt. */
  readonly areNegative: readonly boolean[];
  /** [rows, channels, height, width] in the graph's own type, the extra channels already in place. */
  readonly sample: Tensor;
  readonly constants: Readonly<Record<string, Tensor>>;
}

/** The denoiser with classifier-free guidance: one call per step, whatever the graph's conventions are. */
export class GuidedDenoiser implements Denoiser {
  readonly #session: ModelSession;
  readonly #options: GuidedDenoiserOptions;
  readonly #inputs: { readonly sample: ValueInfo; readonly timestep: ValueInfo };
  readonly #channels: number;
  readonly #evaluations: readonly Evaluation[];

  /**
   * @param session the denoiser's graph
   * @param channels it takes: latents and `extraChannels`
   * Throws OverpaintError `unsupported-model` when the graph wants an input that nothing here provides.
   */
  constructor(session: ModelSession, channels: number, options: GuidedDenoiserOptions) {
    this.#session = session;
    this.#options = options;
    this.#channels = channels;
    this.#inputs = {
      sample: requireInput(session, "unet", "sample"),
      timestep: requireInput(session, "unet", "timestep"),
    };
    this.#evaluations = this.#plan();
  }

  /**
   * The guided model output, [batch, latent channels, height, width], for latents that the scheduler has scaled.
   *
   * @param latents [batch, latent channels, height, width].
   * @param timestep As the scheduler gives it; graphs with integer timesteps get it truncated.
   * @param where Which step this is, for messages.
   */
  async predict(latents: Float32Array, timestep: number, where: string, share?: RunShare): Promise<Float32Array> {
    const { batch, conditioning, guidanceScale, guidanceRescale = 0 } = this.#options;
    const rows = await this.#evaluate(latents, timestep, where, share);
    if (!conditioning.negative) return rows;
    const text = rows.subarray(latents.length);
    const guided = guide(rows.subarray(0, latents.length), text, guidanceScale);
    if (guidanceRescale > 0) rescaleGuidance(guided, text, guidanceRescale, latents.length / batch);
    return guided;
  }

  /** The outputs for all rows: without guidance one per image; with it those without the prompt, then those with it. */
  async #evaluate(latents: Float32Array, timestep: number, where: string, share?: RunShare): Promise<Float32Array> {
    const { batch, conditioning, extraChannels = new Float32Array(0), controlNets } = this.#options;
    const size = latents.length / batch;
    const rowCount = conditioning.negative ? 2 * batch : batch;
    const outputs: Float32Array[] = [];
    for (const { images, areNegative, sample, constants } of this.#evaluations) {
      const stride = sample.data.length / images.length;
      for (const [row, image] of images.entries())
        writeGraphInput(sample, row * stride, latents.subarray(image * size, (image + 1) * size));
      const feeds = { ...constants, sample, timestep: this.#timestepTensor(timestep) };
      const residuals = await controlNets?.residuals({ feeds, areNegative, share });
      const answer = await this.#session.run({ ...feeds, ...residuals });
      const output = toFloats(requireOutput(answer));
      requireFinite(output, { component: "unet", at: where }, [latents, extraChannels]);
      requireSize(output, images.length * size);
      outputs.push(output);
    }
    if (outputs.length === 1) return outputs[0]!.subarray(0, rowCount * size);
    const rows = new Float32Array(rowCount * size);
    for (const [i, output] of outputs.entries()) {
      const start = i * output.length;
      rows.set(output.subarray(0, rows.length - start), start);
    }
    return rows;
  }

  /** Divides the rows into evaluations of the size the graph or the caller wants; the last one repeats rows to fill up. */
  #plan(): readonly Evaluation[] {
    const { batch, conditioning, guidanceEvaluation } = this.#options;
    const { prompt, negative } = conditioning;
    const rows = Array.from({ length: negative ? 2 * batch : batch }, (_, row) => ({
      image: row % batch,
      embedding: negative && row < batch ? negative : prompt,
    }));
    const wanted = guidanceEvaluation === "apart" ? batch : rows.length;
    const perEvaluation = fixedDimension(this.#inputs.sample, 0) ?? wanted;
    const evaluations: Evaluation[] = [];
    for (let start = 0; start < rows.length; start += perEvaluation) {
      const part = Array.from({ length: perEvaluation }, (_, i) => rows[Math.min(start + i, rows.length - 1)]!);
      const images = part.map(({ image }) => image);
      const embeddings = part.map(({ embedding }) => embedding);
      const areNegative = embeddings.map((embedding) => embedding === negative);
      const constants = constantInputs(this.#session, embeddings, areNegative, this.#options);
      evaluations.push({ images, areNegative, sample: this.#sampleTensor(images), constants });
    }
    return evaluations;
  }

  #sampleTensor(images: readonly number[]): Tensor {
    const { batch, height, width, extraChannels = new Float32Array(0) } = this.#options;
    const stride = this.#channels * height * width;
    const extraSize = extraChannels.length / batch;
    const sample = new Float32Array(images.length * stride);
    for (const [row, image] of images.entries()) {
      const extra = extraChannels.subarray(image * extraSize, (image + 1) * extraSize);
      sample.set(extra, (row + 1) * stride - extraSize);
    }
    return toGraphInput(this.#inputs.sample, [images.length, this.#channels, height, width], sample);
  }

  /** Rank 0 or 1 as the graph declares it. */
  #timestepTensor(timestep: number): Tensor {
    const { timestep: input } = this.#inputs;
    const count = input.shape.length === 0 ? 1 : (fixedDimension(input, 0) ?? 1);
    return toGraphInput(input, input.shape.length === 0 ? [] : [count], new Float32Array(count).fill(timestep));
  }
}

function requireOutput(outputs: Readonly<Record<string, Tensor>>): Tensor {
  const output = outputs.out_sample ?? Object.values(outputs)[0];
  if (output) return output;
  throw new OverpaintError("unsupported-model", "The model's unet has no output.", "Export the model again.");
}

function requireSize(output: Float32Array, expected: number): void {
  if (output.length === expected) return;
  throw new OverpaintError(
    "unsupported-model",
    `The model's unet answered ${output.length} values where ${expected} were expected.`,
    "Denoisers that also predict a variance are not supported. Export the model again with as many output as latent channels.",
  );
}
