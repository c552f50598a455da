import type { TensorRef } from "../protocol/tensor-ref.ts";

// Other shapes over the same bytes, and rows of them: arithmetic on dimensions and offsets, for tensors stored row by row.

/** The same values with other dimensions: [out, in, 1, 1] as [out, in]. Throws when their number is another. */
export function withDims(tensor: TensorRef, dims: readonly number[]): TensorRef {
  if (product(dims) !== product(tensor.dims))
    throw new RangeError(`[${tensor.dims.join(", ")}] does not hold [${dims.join(", ")}].`);
  return { ...tensor, dims };
}

/** `count` rows along the first dimension, from `start` on. Throws when there are not as many. */
export function rows(tensor: TensorRef, start: number, count: number): TensorRef {
  const [all = 0, ...others] = tensor.dims;
  if (start < 0 || count < 0 || start + count > all)
    throw new RangeError(`[${tensor.dims.join(", ")}] has no rows ${start} to ${start + count}.`);
  const rowBytes = all === 0 ? 0 : tensor.length / all;
  return {
    ...tensor,
    dims: [count, ...others],
    offset: tensor.offset + start * rowBytes,
    length: count * rowBytes,
  };
}

/** One of `parts` equal pieces along the first dimension, counted from 0. Throws when it does not divide. */
export function part(tensor: TensorRef, index: number, parts: number): TensorRef {
  const [all = 0] = tensor.dims;
  if (all % parts !== 0) throw new RangeError(`[${tensor.dims.join(", ")}] does not divide into ${parts} parts.`);
  return rows(tensor, (index * all) / parts, all / parts);
}

/** A matrix that is stored the other way round than a linear layer's: [in, out]. */
export function transposed(tensor: TensorRef): TensorRef {
  return { ...tensor, isTransposed: tensor.isTransposed !== true };
}

function product(dims: readonly number[]): number {
  return dims.reduce((all, dim) => all * dim, 1);
}
