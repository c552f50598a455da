import type { GraphBuilder, Value } from "../graph/graph-builder.ts";
import { gelu } from "./activation.ts";
import { linear } from "./linear.ts";

/** diffusers fixes it for all transformers. */
const WIDENING = 4;

/**
 * diffusers' `FeedForward` with `GEGLU`: the transformer's two-layer network on each token, gated:
 * GEGLU(x) = (x·W + b) ⊙ GELU(x·V + c), then a linear layer. Shazeer, "GLU Variants Improve Transformer", 2020 (arXiv:2002.05202).
 *
 * W lies above V in one matrix; each half is read by its rows, so that nothing is computed together only to be split.
 */
export function feedForward(g: GraphBuilder, x: Value, name: string, width: number): Value {
  const proj = `${name}.net.0.proj`;
  const count = WIDENING * width;
  const both = { from: width, to: 2 * count };
  const hidden = linear(g, x, proj, both, { start: 0, count }); // [rows, 4 · width]
  const gate = linear(g, x, proj, both, { start: count, count }); // [rows, 4 · width]
  return linear(g, g.multiply(hidden, gelu(g, gate)), `${name}.net.2`, { from: count, to: width }); // [rows, width]
}
