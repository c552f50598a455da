import type { TensorRef } from "./tensor-ref.ts";

/**
 * A low-rank change of a layer's weight: W + scale · up · down. Hu et al., "LoRA", 2021 (arXiv:2106.09685).
 * Linear: down [rank, in], up [out, rank]. Convolution: down [rank, in, k, k], up [out, rank, 1, 1].
 */
export interface LoraPair {
  readonly down: TensorRef;
  readonly up: TensorRef;
  /** Whose first rows `up` has: the layer's, or, exchanged, those of its second half. Linear layers only. */
  readonly halves?: "exchanged" | undefined;
  /** LoCon's core between both, [rank, rank, k, k], whose down is [rank, in, 1, 1]. Convolutions only. */
  readonly core?: TensorRef | undefined;
  /** Strength · alpha / rank. */
  readonly scale: number;
  /** What DoRA then multiplies the rows of the changed weight by, or its columns: one factor an output or input. */
  readonly lengths?: LoraLengths | undefined;
}

export interface LoraLengths {
  readonly of: "rows" | "columns";
  readonly factors: Float32Array;
}

/** A matrix or kernel [out, in, …kernel], whole or as a product of smaller ones. */
export type Factor =
  | { readonly type: "whole"; readonly tensor: TensorRef }
  | {
      readonly type: "product";
      /** [out, rank, …] */
      readonly outer: TensorRef;
      /** As of a pair's `up`. */
      readonly halves?: "exchanged" | undefined;
      /** [rank, in · kernel], in any number of dimensions; [rank, in, …] with a core. */
      readonly inner: TensorRef;
      /** [outer's rank, inner's rank, …kernel]: Tucker's. */
      readonly core?: TensorRef | undefined;
    };

/** One thing that is done to a weight W [out, in, …kernel] itself, where the result cannot be computed beside it. */
export type WeightStep =
  | {
      /** W + scale · (the factors' product): elementwise (LoHa), Kronecker's (LoKr), or that of a single one. */
      readonly type: "addition";
      readonly product: "elementwise" | "kronecker";
      readonly factors: readonly Factor[];
      readonly scale: number;
      /** Lengths that the rows or columns of the sum then get (DoRA). */
      readonly magnitude?: LineFactors | undefined;
    }
  /** Each block of `size` outputs is multiplied by a matrix: `blocks` are [out / size, size, size] (OFT). */
  | { readonly type: "blocks"; readonly blocks: Float32Array; readonly size: number }
  /** W · (1 + scale · one number a row or column) ((IA)³). */
  | { readonly type: "scaling"; readonly by: LineFactors; readonly scale: number };

/** A number for every row or column. */
export interface LineFactors {
  readonly tensor: TensorRef;
  readonly of: "rows" | "columns";
}

/** What a layer's weight is changed by: pairs are computed beside it, which leaves it as it lies; steps change it first. */
export type LayerChange =
  | { readonly type: "pairs"; readonly pairs: readonly LoraPair[] }
  | { readonly type: "steps"; readonly steps: readonly WeightStep[] };

/** By diffusers' name of the layer: `mid_block.attentions.0.transformer_blocks.0.attn1.to_q`. */
export type LayerChanges = ReadonlyMap<string, LayerChange>;
