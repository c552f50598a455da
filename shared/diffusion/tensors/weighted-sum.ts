/**
 * w₀·x₀ + w₁·x₁ + …, element by element. Weights, products and sums are rounded to float32 one by one, as torch does:
 * where large terms cancel, the rounding is part of the result. All tensors have the same length.
 */
export function weightedSum(weights: readonly number[], tensors: readonly Float32Array[]): Float32Array {
  const first = tensors[0]!;
  const sum = new Float32Array(first.length);
  const firstWeight = Math.fround(weights[0]!);
  for (let i = 0; i < sum.length; i++) sum[i] = firstWeight * first[i]!;
  for (let k = 1; k < tensors.length; k++) {
    const tensor = tensors[k]!;
    const weight = Math.fround(weights[k]!);
    for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + Math.fround(weight * tensor[i]!);
  }
  return sum;
}

/** factor·x, element by element in float32. */
export function scaled(tensor: Float32Array, factor: number): Float32Array {
  const result = new Float32Array(tensor.length);
  for (let i = 0; i < result.length; i++) result[i] = factor * tensor[i]!;
  return result;
}
