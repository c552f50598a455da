export interface GuidanceOptions {
  /** Guidance runs above 1, and never with denoisers that take the scale as an input. */
  readonly guidanceScale: number;
  /** φ of guidance rescale, 0 to 1. Default 0. */
  readonly guidanceRescale?: number | undefined;
  /**
   * Both halves of guidance in one evaluation of the graph, or in two that need half the memory. Same result up to
   * rounding. Default: together.
   */
  readonly guidanceEvaluation?: "together" | "apart" | undefined;
}

/**
 * Classifier-free guidance: ε = ε_∅ + w·(ε_text − ε_∅), written over `unconditional`.
 *
 * Ho and Salimans, "Classifier-Free Diffusion Guidance", 2022, formula (6) with w as diffusers counts it: 1 is none.
 */
export function guide(unconditional: Float32Array, text: Float32Array, scale: number): Float32Array {
  for (let i = 0; i < unconditional.length; i++)
    unconditional[i] = unconditional[i]! + scale * (text[i]! - unconditional[i]!);
  return unconditional;
}

/**
 * Takes a share φ of the guided output back to the deviation the text output has, written over `guided`. Guidance raises
 * the deviation, which overexposes.
 *
 * Lin et al., "Common Diffusion Noise Schedules and Sample Steps are Flawed", 2023, section 3.4, formulas (14) to (16).
 *
 * @param size Elements of one image; the deviation is each image's own.
 */
export function rescaleGuidance(guided: Float32Array, text: Float32Array, share: number, size: number): void {
  for (let start = 0; start < guided.length; start += size) {
    const image = guided.subarray(start, start + size);
    const ratio = deviation(text.subarray(start, start + size)) / deviation(image);
    const factor = share * ratio + (1 - share);
    for (let i = 0; i < size; i++) image[i] = image[i]! * factor;
  }
}

/** The unbiased standard deviation, as `torch.std`. */
function deviation(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  const mean = sum / values.length;
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i]! - mean) ** 2;
  return Math.sqrt(squares / (values.length - 1));
}

/**
 * The guidance scale as an input of denoisers that were distilled with guidance: [sin(w·f_i)…, cos(w·f_i)…].
 *
 * Meng et al., "On Distillation of Guided Diffusion Models", 2022; `get_guidance_scale_embedding` in diffusers.
 */
export function guidanceEmbedding(guidanceScale: number, width: number): Float32Array {
  const half = Math.floor(width / 2);
  const embedding = new Float32Array(width);
  const scaled = Math.fround((guidanceScale - 1) * 1000);
  const exponent = Math.fround(Math.fround(Math.log(10_000)) / (half - 1));
  for (let i = 0; i < half; i++) {
    const angle = Math.fround(scaled * Math.fround(Math.exp(Math.fround(-exponent * i))));
    embedding[i] = Math.sin(angle);
    embedding[half + i] = Math.cos(angle);
  }
  return embedding;
}
