/**
 * w₀·x₀ + w₁·x₁ + …, element by element. Weights, products and sums are rounded to float32 one by one, as torch does:
 * where large terms cancel, the rounding is part of the result. All tensors have the same length.
 */
export function weightedSum(weights: readonly number[], tensors: readonly Float32Array[]): Float32Array {
  const [first, second] = tensors as readonly [Float32Array, Float32Array?];
  const firstWeight = Math.fround(weights[0]!);
  if (!second) return scaled(first, firstWeight);

  const sum = new Float32Array(first.length);
  const secondWeight = Math.fround(weights[1]!);
  for (let i = 0; i < sum.length; i++)
    sum[i] = Math.fround(firstWeight * first[i]!) + Math.fround(secondWeight * second[i]!);
  for (let k = 2; k < tensors.length; k++) addWeighted(sum, Math.fround(weights[k]!), tensors[k]!);
  return sum;
}

function addWeighted(sum: Float32Array, weight: number, tensor: Float32Array): void {
  for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + Math.fround(weight * tensor[i]!);
}

/** factor·x, element by element in float32. */
export function scaled(tensor: Float32Array, factor: number): Float32Array {
  const result = new Float32Array(tensor.length);
  for (let i = 0; i < result.length; i++) result[i] = factor * tensor[i]!;
  return result;
}
