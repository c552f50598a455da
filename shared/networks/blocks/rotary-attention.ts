import type { GraphBuilder, Value } from "../graph/graph-builder.ts";
import { silu } from "./activation.ts";
import { scaledDotProductAttention } from "./attention.ts";
import { rmsNorm } from "./normalization.ts";
import { type RotaryTables, rotaryEmbedding } from "./rotary-embedding.ts";

// What the transformers of 2025 share. They work on one sequence: tokens are a matrix, [tokens, width].

/** Each head of queries or keys normed by itself: [tokens, heads · head width] to [1, tokens, heads · head width]. */
export function normedHeads(
  g: GraphBuilder,
  rows: Value,
  name: string,
  { heads, headWidth }: { readonly heads: number; readonly headWidth: number },
  epsilon: number,
): Value {
  const perHead = g.op("Reshape", [rows, g.ints(-1, headWidth)]); // [tokens · heads, head width]
  return g.op("Reshape", [rmsNorm(g, perHead, name, headWidth, epsilon), g.ints(1, -1, heads * headWidth)]);
}

/** [tokens, width] to [1, tokens, width]. */
export function asSequence(g: GraphBuilder, rows: Value): Value {
  return g.op("Unsqueeze", [rows, g.ints(0)]);
}

/**
 * Attention of all tokens to all tokens, queries and keys turned by their positions. Neighbouring values form the pairs.
 *
 * @param projected [1, tokens, heads · head width] each
 * @returns [tokens, heads · head width]
 */
export function rotaryAttention(
  g: GraphBuilder,
  { query, key, value }: { readonly query: Value; readonly key: Value; readonly value: Value },
  tables: RotaryTables,
  { heads, headWidth }: { readonly heads: number; readonly headWidth: number },
): Value {
  const width = heads * headWidth;
  const settings = { heads, headWidth, pairs: "neighbours" } as const;
  const turned = {
    query: rotaryEmbedding(g, query, tables, settings),
    key: rotaryEmbedding(g, key, tables, settings),
    value,
  };
  return g.op("Reshape", [scaledDotProductAttention(g, turned, { heads, width }), g.ints(-1, width)]);
}

/** SwiGLU: SiLU(gate) ⊙ x. Shazeer, "GLU Variants Improve Transformer", 2020 (arXiv:2002.05202). */
export function gated(g: GraphBuilder, gate: Value, x: Value): Value {
  return g.multiply(silu(g, gate), x);
}

/** Keeps sums within half precision, which diffusers does where a model computes in it; nothing to do in single. */
export function withinRange(g: GraphBuilder, x: Value): Value {
  if (g.profile.compute !== "float16") return x;
  return g.op("Clip", [x, g.number(-LARGEST_HALF), g.number(LARGEST_HALF)]);
}

const LARGEST_HALF = 65_504;

/** How many rows a matrix has, as a list of one integer. */
export function rowCount(g: GraphBuilder, rows: Value): Value {
  return g.op("Slice", [g.op("Shape", [rows]), g.ints(0), g.ints(1)]);
}

/** The rows before a place, given as a list of one integer. */
export function rowsBefore(g: GraphBuilder, rows: Value, place: Value): Value {
  return g.op("Slice", [rows, g.ints(0), place, g.ints(0)]);
}

/** The rows from a place on. */
export function rowsFrom(g: GraphBuilder, rows: Value, place: Value): Value {
  return g.op("Slice", [rows, place, g.ints(Number.MAX_SAFE_INTEGER), g.ints(0)]);
}
