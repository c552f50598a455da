import type { GraphBuilder, Value } from "../graph/graph-builder.ts";

/**
 * Cosines and sines of the angles that tokens are turned by, [tokens, half of a head's width] each: inputs `rotary_cos` and
 * `rotary_sin`. They are made outside the graph, in double precision, which few devices compute in.
 */
export interface RotaryTables {
  readonly cos: Value;
  readonly sin: Value;
}

export function rotaryInputs(g: GraphBuilder, headWidth: number): RotaryTables {
  const shape = ["tokens", headWidth / 2];
  return { cos: g.floatInput("rotary_cos", shape), sin: g.floatInput("rotary_sin", shape) };
}

export interface RotarySettings {
  readonly heads: number;
  readonly headWidth: number;
  /** Which values of a head form a pair: neighbours, or those of its first half with those of its second. */
  readonly pairs: "neighbours" | "halves";
}

/**
 * Rotary position embedding: each pair of values of a query or key is turned by an angle that grows with the token's position,
 * so that their products depend on distances alone.
 *
 *   (a, b) ↦ (a·cos θ − b·sin θ, a·sin θ + b·cos θ)
 *
 * Su et al., "RoFormer", 2021 (arXiv:2104.09864).
 *
 * @param x [1, tokens, heads · head width]
 */
export function rotaryEmbedding(
  g: GraphBuilder,
  x: Value,
  { cos, sin }: RotaryTables,
  { heads, headWidth, pairs }: RotarySettings,
): Value {
  const areNeighbours = pairs === "neighbours";
  if (g.profile.operators === "contrib")
    return g.contrib("RotaryEmbedding", [x, g.ints(0), cos, sin], {
      interleaved: areNeighbours ? 1 : 0,
      num_heads: heads,
    });

  const half = headWidth / 2;
  const paired = g.op("Reshape", [x, g.ints(1, -1, heads, ...(areNeighbours ? [half, 2] : [2, half]))]);
  const axis = areNeighbours ? 4 : 3;
  const a = g.op("Gather", [paired, g.int(0)], { axis }); // [1, tokens, heads, half]
  const b = g.op("Gather", [paired, g.int(1)], { axis });
  const [cosines, sines] = [cos, sin].map((table) => g.op("Unsqueeze", [table, g.ints(1)])) as [Value, Value]; // [tokens, 1, half]
  const turnedA = g.op("Sub", [g.multiply(a, cosines), g.multiply(b, sines)]);
  const turnedB = g.add(g.multiply(a, sines), g.multiply(b, cosines));
  const turned = g.concat(
    [turnedA, turnedB].map((part) => g.op("Unsqueeze", [part, g.ints(axis)])),
    axis,
  );
  return g.op("Reshape", [turned, g.ints(1, -1, heads * headWidth)]);
}
