/** Of one layer. */
export interface TurnValues {
  /** [blocks, size, size] */
  readonly blocks: Float32Array;
  readonly size: number;
  readonly isTurn: boolean;
  /** The greatest norm that all blocks together may have; 0 for none. */
  readonly constraint: number;
  /** A factor for each output. */
  readonly rescale?: Float32Array | undefined;
}

/** Added to norms that are divided by. */
const EPSILON = 1e-8;

/**
 * What blocks of a weight's rows are multiplied by in orthogonal fine-tuning, at a strength s:
 *
 *   Q = B − Bᵀ, scaled down to the constraint     skew-symmetric, from the stored B
 *   R = (I + Q)(I − Q)⁻¹                          Cayley's formula: orthogonal, so lengths and angles stay
 *   W ← rescale ∘ (I + s · (R − I))ᵀ · W
 *
 * Qiu et al., "Controlling Text-to-Image Diffusion by Orthogonal Finetuning", 2023 (arXiv:2306.07280). Reference: LyCORIS'
 * diag-oft, as kohya's OFT.
 *
 * @returns [blocks, size, size]
 */
export function turnedBlocks(
  { blocks, size, isTurn, constraint, rescale }: TurnValues,
  strength: number,
): Float32Array {
  const area = size * size;
  const scale = isTurn ? 1 : constrained(blocks, size, constraint);
  const result = new Float32Array(blocks.length);
  for (let start = 0; start < blocks.length; start += area) {
    const stored = blocks.subarray(start, start + area);
    const turn = isTurn ? stored : cayley(skew(stored, size, scale), size);
    for (let m = 0; m < size; m++)
      for (let n = 0; n < size; n++) {
        const own = m === n ? 1 - strength : 0;
        const factor = rescale?.[start / size + m] ?? 1;
        result[start + m * size + n] = factor * (own + strength * turn[n * size + m]!); // [size, size]
      }
  }
  return result;
}

function skew(block: Float32Array, size: number, scale: number): Float64Array {
  return Float64Array.from(block, (value, i) => scale * (value - block[(i % size) * size + Math.floor(i / size)]!)); // [size, size]
}

/** What Q is multiplied by so that its norm over all blocks keeps to the constraint. */
function constrained(blocks: Float32Array, size: number, constraint: number): number {
  if (constraint <= 0) return 1;
  let squares = 0;
  for (let start = 0; start < blocks.length; start += size * size)
    for (const value of skew(blocks.subarray(start, start + size * size), size, 1)) squares += value ** 2;
  const norm = Math.sqrt(squares) + EPSILON;
  return norm > constraint ? constraint / norm : 1;
}

/**
 * (I + Q)(I − Q)⁻¹ = (I − Q)⁻¹(I + Q), by Gauss' elimination on [I − Q | I + Q]. I − Q has an inverse for every skew-symmetric
 * Q, and its pivots need no exchange: its symmetric part is I.
 */
function cayley(q: Float64Array, size: number): Float64Array {
  const left = q.map((value, i) => identity(i, size) - value);
  const right = q.map((value, i) => identity(i, size) + value);
  for (let pivot = 0; pivot < size; pivot++) {
    const own = left[pivot * size + pivot]!; // inside
    for (let row = 0; row < size; row++) {
      if (row === pivot) continue;
      const factor = left[row * size + pivot]! / own; // inside
      for (let column = 0; column < size; column++)
        for (const matrix of [left, right])
          matrix[row * size + column] = matrix[row * size + column]! - factor * matrix[pivot * size + column]!; // inside
    }
  }
  return right.map((value, i) => value / left[Math.floor(i / size) * (size + 1)]!); // the diagonal
}

function identity(index: number, size: number): number {
  return Math.floor(index / size) === index % size ? 1 : 0;
}
