import type { LoraLengths, LoraPair } from "../../protocol/layer-change.ts";
import type { RowRange } from "../../protocol/tensor-ref.ts";
import type { GraphBuilder, Value } from "../graph/graph-builder.ts";

// DoRA gives the rows or columns of a changed weight lengths of their own: Liu et al., "DoRA: Weight-Decomposed Low-Rank
// Adaptation", 2024 (arXiv:2402.09353), formula (5). Rows multiply what comes out of the layer, columns what goes in:
// (diag(r) · W · diag(c)) · x = r ∘ (W · (c ∘ x)). So the weight itself stays where it is.

/** Where a layer's inputs or outputs stand in its map: [count] for rows of features, [count, 1, 1] for pictures. */
type ShapeOfFactors = (count: number) => readonly number[];

/**
 * What goes into each of a layer's LoRAs, and as the first into the layer itself: each LoRA also lengthens what those before
 * it have made of the weight.
 */
export function inputsOfLoras(
  g: GraphBuilder,
  x: Value,
  loras: readonly LoraPair[],
  shape: ShapeOfFactors,
): readonly Value[] {
  const inputs: Value[] = [];
  let input = x;
  for (const { lengths } of [...loras].reverse()) {
    if (lengths?.of === "columns") input = multiplied(g, input, lengths.factors, shape);
    inputs.unshift(input);
  }
  return inputs;
}

/** What comes out of a layer that a LoRA changed, before its bias is added. */
export function lengthened(
  g: GraphBuilder,
  y: Value,
  lengths: LoraLengths | undefined,
  shape: ShapeOfFactors,
  rows?: RowRange,
): Value {
  if (lengths?.of !== "rows") return y;
  const { start, count } = rows ?? { start: 0, count: lengths.factors.length };
  return multiplied(g, y, lengths.factors.subarray(start, start + count), shape);
}

function multiplied(g: GraphBuilder, value: Value, factors: Float32Array, shape: ShapeOfFactors): Value {
  return g.multiply(value, g.toCompute(g.floats(factors, shape(factors.length))));
}
