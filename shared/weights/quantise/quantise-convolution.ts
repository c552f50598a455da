/** The smallest and the largest value that was seen somewhere. */
export type Range = readonly [smallest: number, largest: number];

/** What goes into a layer and comes out of it, by the layer's name. */
export type ActivationRanges = ReadonlyMap<string, { readonly input: Range; readonly output: Range }>;

/** How a value is rounded to 8 bits: value ≈ (code − zeroPoint) · scale, codes from 0 to 255. */
export interface AffineSteps {
  readonly scale: number;
  readonly zeroPoint: number;
}

export interface QuantisedValues {
  /** In the order of the weights. */
  readonly weight: Int8Array;
  /** One for each output. */
  readonly weightScales: Float32Array;
  readonly bias: Int32Array | undefined;
  readonly input: AffineSteps;
  readonly output: AffineSteps;
}

const LARGEST_WEIGHT = 127;
const LARGEST_CODE = 255;
/** Half of what 32 bits hold: the products are added to it. */
const LARGEST_BIAS = 2 ** 30;

/**
 * A convolution in whole numbers, as ONNX's QLinearConv takes it: weights symmetric about zero with a scale for each output, what
 * comes in and goes out in 256 even steps over the range that was seen, the bias in the steps of their products.
 *
 * Jacob et al., "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference", 2017
 * (arXiv:1712.05877), equations 1 and 11.
 *
 * @param weights [outputs, …]
 * @returns undefined where a weight, a bias or a range is not finite
 */
export function quantiseConvolution(
  weights: Float32Array,
  outputs: number,
  bias: Float32Array | undefined,
  ranges: { readonly input: Range; readonly output: Range },
): QuantisedValues | undefined {
  const [input, output] = [affineSteps(ranges.input), affineSteps(ranges.output)];
  const perOutput = weights.length / outputs;
  const weight = new Int8Array(weights.length);
  const weightScales = new Float32Array(outputs);
  for (let out = 0; out < outputs; out++) {
    const start = out * perOutput;
    let extreme = 0;
    for (let i = start; i < start + perOutput; i++) {
      const size = Math.abs(weights[i]!); // start ≤ i < weights.length
      if (Number.isNaN(size)) return undefined;
      extreme = Math.max(extreme, size);
    }
    // A bias far above all weights of its output takes wider steps than these need.
    const forBias = Math.abs(bias?.[out] ?? 0) / (input.scale * LARGEST_BIAS);
    const scale = Math.fround(Math.max(extreme / LARGEST_WEIGHT, forBias) || 1);
    if (!Number.isFinite(scale)) return undefined;
    weightScales[out] = scale;
    for (let i = start; i < start + perOutput; i++) weight[i] = Math.round(weights[i]! / scale); // as above
  }
  const biasCodes =
    bias && Int32Array.from(bias, (value, out) => Math.round(value / (input.scale * weightScales[out]!))); // one each
  const isWhole = [input.scale, output.scale, ...(bias ?? [])].every(Number.isFinite);
  return isWhole ? { weight, weightScales, bias: biasCodes, input, output } : undefined;
}

/** 256 even steps over a range and zero, which has a code of its own: what is padded with is exact. */
export function affineSteps([smallest, largest]: Range): AffineSteps {
  const [low, high] = [Math.min(smallest, 0), Math.max(largest, 0)];
  const scale = high === low ? 1 : Math.fround((high - low) / LARGEST_CODE);
  return { scale, zeroPoint: Math.round((0 - low) / scale) };
}
