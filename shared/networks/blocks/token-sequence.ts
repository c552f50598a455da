import type { GraphBuilder, Value } from "../graph/graph-builder.ts";

/**
 * Tokens of one width, kept as a matrix with a row a token: linear layers and layer norms take them so. Only attention has
 * to know which rows belong together.
 */
export interface TokenSequence {
  /** [batch · tokens, width]. */
  readonly rows: Value;
  readonly width: number;
  /** [batch, tokens] as integers, one of them possibly −1 for "what remains". */
  readonly leading: Value;
}

/** Tokens as an input brings them, [batch, tokens, width]. */
export function toSequence(g: GraphBuilder, tokens: Value, width: number): TokenSequence {
  return {
    rows: g.op("Reshape", [tokens, g.ints(-1, width)]), // [batch · tokens, width]
    width,
    leading: g.op("Slice", [g.op("Shape", [tokens]), g.ints(0), g.ints(2)]), // [batch, tokens]
  };
}

/** Rows computed from a sequence's, as [batch, tokens, width]. */
export function unflatten(g: GraphBuilder, rows: Value, { leading }: TokenSequence, width: number): Value {
  return g.op("Reshape", [rows, g.concat([leading, g.ints(width)], 0)]);
}

/** Features of every place: [batch, channels, height, width]. */
export interface FeatureMap {
  readonly map: Value;
  readonly channels: number;
}

/** A feature map read as a sequence of its places, and the way back. */
export interface FlattenedMap {
  readonly tokens: TokenSequence;
  /** [batch · height · width, channels] as [batch, channels, height, width]. */
  readonly restore: (rows: Value) => Value;
}

/** [batch, channels, height, width] as tokens of the width `channels`, in reading order. */
export function flattenMap(g: GraphBuilder, map: Value, channels: number): FlattenedMap {
  const channelsLast = g.op("Transpose", [map], { perm: [0, 2, 3, 1] }); // [batch, height, width, channels]
  const shape = g.op("Shape", [channelsLast]);
  const batch = g.op("Slice", [shape, g.ints(0), g.ints(1)]);
  return {
    tokens: {
      rows: g.op("Reshape", [channelsLast, g.ints(-1, channels)]), // [batch · height · width, channels]
      width: channels,
      leading: g.concat([batch, g.ints(-1)], 0), // [batch, height · width]
    },
    restore: (rows) => g.op("Transpose", [g.op("Reshape", [rows, shape])], { perm: [0, 3, 1, 2] }),
  };
}
