/** How many bits a quantised weight takes. */
export type WeightBits = 4 | 8;

/** Weights that share one scale, neighbours in a row. The kernels for GPUs are fastest at 32, and smaller blocks lose less. */
export const BLOCK_SIZE = 32;

export interface QuantisedRows {
  /** [rows, blocks, BLOCK_SIZE · bits / 8]: of two weights of 4 bits in a byte, the first is the lower. */
  readonly packed: Uint8Array;
  /** [rows, blocks]. */
  readonly scales: Float32Array;
}

/** Bytes of `packed`, and number of `scales`, of a row of so many weights. */
export function quantisedRowSize(columns: number, bits: WeightBits) {
  const blocks = Math.ceil(columns / BLOCK_SIZE);
  return { blocks, blobBytes: (BLOCK_SIZE * bits) / 8 };
}

/**
 * Quantises the rows of a matrix block by block, symmetrically about zero: w ≈ s · (q − 2^(bits−1)), as com.microsoft's
 * MatMulNBits reads them without zero points. The weight furthest from zero becomes −2^(bits−1) exactly, with a negative scale
 * where it is positive, so that the one code more on that side is used; each other weight is off by half a scale at most, where
 * the opposite extreme is met by one scale. A row's last block is filled up with zeros.
 *
 * As llama.cpp's Q4_0 and Q8_0 in the choice of the scale: https://github.com/ggml-org/llama.cpp/blob/master/ggml/src/ggml-quants.c
 *
 * @param values Finite, [rows, columns].
 * @returns undefined where a value is not finite
 */
export function quantiseBlocks(values: Float32Array, columns: number, bits: WeightBits): QuantisedRows | undefined {
  const { blocks, blobBytes } = quantisedRowSize(columns, bits);
  const rows = values.length / columns;
  const packed = new Uint8Array(rows * blocks * blobBytes);
  const scales = new Float32Array(rows * blocks);
  const half = 2 ** (bits - 1);
  const perByte = 8 / bits;
  for (let block = 0; block < scales.length; block++) {
    const row = Math.floor(block / blocks);
    const start = row * columns + (block % blocks) * BLOCK_SIZE;
    const end = Math.min(start + BLOCK_SIZE, (row + 1) * columns);
    const extreme = furthestFromZero(values, start, end);
    if (!Number.isFinite(extreme)) return undefined;
    const scale = Math.fround(extreme / -half);
    scales[block] = scale;
    for (let i = 0; i < BLOCK_SIZE; i++) {
      const value = start + i < end && scale !== 0 ? Math.fround(values[start + i]! / scale) : 0; // start + i < end
      const code = Math.min(Math.max(roundHalfToEven(value) + half, 0), 2 * half - 1);
      packed[block * blobBytes + Math.floor(i / perByte)]! |= code << (bits * (i % perByte)); // i < BLOCK_SIZE
    }
  }
  return { packed, scales };
}

/** NaN where any value is. */
function furthestFromZero(values: Float32Array, start: number, end: number): number {
  let extreme = 0;
  for (let i = start; i < end; i++) {
    const value = values[i]!; // start ≤ i < end
    if (Number.isNaN(value)) return value;
    if (Math.abs(value) > Math.abs(extreme)) extreme = value;
  }
  return extreme;
}

/** As NumPy and PyTorch round. */
function roundHalfToEven(value: number): number {
  const nearest = Math.round(value);
  return nearest - value === 0.5 && nearest % 2 !== 0 ? nearest - 1 : nearest;
}
