import type { TensorRef } from "../../protocol/tensor-ref.ts";

/** Some of a tensor's rows: slices along the first dimension, which lie side by side in memory. */
export interface RowRange {
  readonly start: number;
  readonly count: number;
}

/** The same bytes under other dimensions, such as [channels] as [channels, 1, 1]. */
export function withDims(tensor: TensorRef, dims: readonly number[]): TensorRef {
  return { ...tensor, dims };
}

export function rowsOf(tensor: TensorRef, { start, count }: RowRange): TensorRef {
  const [rows, ...rest] = tensor.dims as [number, ...number[]];
  const bytesPerRow = tensor.length / rows;
  return {
    ...tensor,
    dims: [count, ...rest],
    offset: tensor.offset + start * bytesPerRow,
    length: count * bytesPerRow,
  };
}

/** A 1×1 convolution's [out, in, 1, 1] as the matrix [out, in] of the linear layer it is. */
export function asMatrix(tensor: TensorRef): TensorRef {
  const [rows, columns] = tensor.dims;
  return tensor.dims.length === 4 ? withDims(tensor, [rows!, columns!]) : tensor; // four dimensions have a first and a second
}
