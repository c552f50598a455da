/** The values of what a LoRA adds to one module; shapes as in LoraModule, flattened. */
export interface LoraValues {
  readonly rank: number;
  readonly down: Float32Array;
  readonly up: Float32Array;
  /** [rank, rank, kernel] */
  readonly core?: Float32Array | undefined;
  /** alpha / rank */
  readonly scale: number;
  readonly magnitude?: { readonly values: Float32Array; readonly of: "rows" | "columns" } | undefined;
}

/**
 * Adds a LoRA to a weight of `dims` [out, in, …kernel], in place and in single precision:
 *
 *   W ← W + strength · scale · up · down
 *   W ← m · V / ‖V‖, V the above                  with magnitudes m (DoRA), ‖·‖ over each row or column
 *
 * Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", 2021 (arXiv:2106.09685); Liu et al., "DoRA", 2024
 * (arXiv:2402.09353), formula (5); the core of LoCon: Yeh et al., "Navigating Text-To-Image Customization", 2023
 * (arXiv:2309.14859). Reference: PEFT, where the strength is part of the scale in DoRA, too.
 *
 * @returns m / ‖V‖ of each row or column, where there are magnitudes
 */
export function mergeLora(
  weight: Float32Array,
  dims: readonly number[],
  lora: LoraValues,
  strength: number,
): Float32Array | undefined {
  const [out = 0, columns = 0, ...kernel] = dims;
  const inside = weight.length / out;
  const kernelSize = kernel.reduce((product, side) => product * side, 1);
  const down = lora.core ? withCore(lora.down, lora.core, lora.rank, columns, kernelSize) : lora.down; // [rank, inside]
  const rank = down.length / inside;
  const factor = strength * lora.scale;
  const sum = new Float32Array(inside);
  for (let row = 0; row < out; row++) {
    addRows(sum.fill(0), down, lora.up.subarray(row * rank, (row + 1) * rank)); // up: [out, rank]
    const target = weight.subarray(row * inside, (row + 1) * inside);
    for (let i = 0; i < inside; i++) target[i] = target[i]! + factor * sum[i]!; // i < inside
  }
  const { magnitude } = lora;
  if (magnitude === undefined) return undefined;
  const lineOf =
    magnitude.of === "rows"
      ? (index: number) => Math.floor(index / inside)
      : (index: number) => Math.floor((index % inside) / kernelSize);
  return scaleLines(weight, magnitude.values, lineOf);
}

/** Adds each row of a matrix, times its factor, to `sum`: four at a time, which is what makes it fast. */
function addRows(sum: Float32Array, matrix: Float32Array, factors: Float32Array): void {
  const { length } = sum;
  for (let r = 0; r < factors.length; r += 4) {
    const [a = 0, b = 0, c = 0, d = 0] = factors.subarray(r, r + 4);
    // Rows past the last are empty, and their factors zero.
    const [rowA, rowB, rowC, rowD] = [0, 1, 2, 3].map((k) => matrix.subarray((r + k) * length, (r + k + 1) * length));
    if (!rowA || !rowB || !rowC || !rowD) return;
    if (rowD.length === length)
      for (let i = 0; i < length; i++) sum[i] = sum[i]! + a * rowA[i]! + b * rowB[i]! + c * rowC[i]! + d * rowD[i]!; // all of this length
    else for (let i = 0; i < length; i++) sum[i] = sum[i]! + a * rowA[i]! + b * (rowB[i] ?? 0) + c * (rowC[i] ?? 0); // rowA is whole
  }
}

/** LoCon's core between both halves: [rank, in] and [rank, rank, kernel] make [rank, in, kernel]. */
function withCore(
  down: Float32Array,
  core: Float32Array,
  innerRank: number,
  columns: number,
  kernel: number,
): Float32Array {
  const outerRank = core.length / (innerRank * kernel);
  const result = new Float32Array(outerRank * columns * kernel);
  for (let m = 0; m < outerRank; m++)
    for (let n = 0; n < innerRank; n++)
      for (let column = 0; column < columns; column++) {
        const value = down[n * columns + column]!; // [rank, in]
        for (let k = 0; k < kernel; k++) {
          const target = (m * columns + column) * kernel + k;
          result[target] = result[target]! + value * core[(m * innerRank + n) * kernel + k]!; // all inside their arrays
        }
      }
  return result;
}

/** Gives every row or column the length that is kept for it, and answers what each was multiplied by. */
function scaleLines(weight: Float32Array, lengths: Float32Array, lineOf: (index: number) => number): Float32Array {
  const squares = new Float64Array(lengths.length);
  for (let i = 0; i < weight.length; i++) squares[lineOf(i)] = squares[lineOf(i)]! + weight[i]! ** 2; // a line each
  const factors = lengths.map((length, line) => length / Math.sqrt(squares[line]!)); // as many
  for (let i = 0; i < weight.length; i++) weight[i] = weight[i]! * factors[lineOf(i)]!; // a line each
  return factors;
}
