/** Element types of stored weights, as safetensors spells them. */
export type StoredType = "F32" | "F16" | "BF16" | "F64" | "I64" | "I32" | "I8" | "U8" | "BOOL";

/**
 * A tensor where it lies: a stretch of bytes in a file, never read to describe it. Another shape over the same bytes, or some
 * of its rows, are other references to the same file.
 */
export interface TensorRef {
  /** Path of the file relative to the checkpoint's folder, forward slashes. */
  readonly file: string;
  readonly type: StoredType;
  readonly dims: readonly number[];
  /** Of the first byte, from the start of the file; may exceed 4 GiB. */
  readonly offset: number;
  /** In bytes. */
  readonly length: number;
  /** A matrix of a linear layer that is stored [in, out] instead of [out, in] (OpenCLIP's text_projection). */
  readonly isTransposed?: boolean;
}

/** What a graph asks a checkpoint for, by diffusers' names: `down_blocks.0.resnets.0.conv1.weight`. */
export interface WeightSource {
  find(name: string): TensorRef | undefined;
  /** All names, in no order. */
  names(): Iterable<string>;
}

/** Some of a tensor's rows: slices along the first dimension, which lie side by side in the file. */
export interface RowRange {
  readonly start: number;
  readonly count: number;
}

/** The same bytes under other dimensions, such as [out, in, 1, 1] as [out, in]. Throws when they hold another number of values. */
export function withDims(tensor: TensorRef, dims: readonly number[]): TensorRef {
  if (product(dims) !== product(tensor.dims))
    throw new RangeError(`[${tensor.dims.join(", ")}] does not hold [${dims.join(", ")}].`);
  return { ...tensor, dims };
}

/** Throws when there are not as many rows. */
export function rowsOf(tensor: TensorRef, { start, count }: RowRange): TensorRef {
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

function product(dims: readonly number[]): number {
  return dims.reduce((all, dim) => all * dim, 1);
}
