import type { TensorRef } from "../../protocol/tensor-ref.ts";

/** Weights of layers that lie elsewhere in fewer bits. */
export interface QuantisedWeights {
  readonly bits: 4 | 8;
  readonly blockSize: number;
  /**
   * Of linear layers, by the name of the weight, in blocks of a row that share a scale: packed [out, blocks, blockSize · bits / 8],
   * scales [out, blocks].
   */
  readonly layers: ReadonlyMap<string, { readonly packed: TensorRef; readonly scales: TensorRef }>;
  /** By the name of the layer. */
  readonly convolutions: ReadonlyMap<string, QuantisedConvolution>;
}

/** A convolution of whole numbers: what it takes and gives is rounded to 8 bits, each in steps of its own. */
export interface QuantisedConvolution {
  /** int8 [out, in, kernel, kernel], and a scale for each output [out]. */
  readonly weight: TensorRef;
  readonly weightScales: TensorRef;
  /** int32 [out], in steps of input scale · weight scale. */
  readonly bias: TensorRef | undefined;
  /** What comes in, as (code − zero point) · scale: float32 [] and uint8 []. */
  readonly input: { readonly scale: TensorRef; readonly zeroPoint: TensorRef };
  /** What goes out. */
  readonly output: { readonly scale: TensorRef; readonly zeroPoint: TensorRef };
}
