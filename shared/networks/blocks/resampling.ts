import { ABSENT, type GraphBuilder, type Value } from "../graph/graph-builder.ts";
import { convolution } from "./convolution.ts";

/** Each place takes the value of the one it came from, as PyTorch's `interpolate` does by default. */
const NEAREST = { mode: "nearest", coordinate_transformation_mode: "asymmetric", nearest_mode: "floor" } as const;

/**
 * diffusers' `Downsample2D`: half the height and width, by a convolution of stride 2. Odd sizes are rounded up; with padding
 * 0, where a row is added at the bottom and a column on the right, down.
 */
export function downsample2d(g: GraphBuilder, map: Value, name: string, channels: number, padding: number): Value {
  const pads = padding === 0 ? ([0, 0, 1, 1] as const) : ([padding, padding, padding, padding] as const);
  return convolution(g, map, `${name}.conv`, { from: channels, to: channels, stride: 2, pads });
}

/** diffusers' `Upsample2D`: twice the height and width, then a convolution. */
export function upsample2d(g: GraphBuilder, map: Value, name: string, channels: number): Value {
  return convolution(g, enlarge(g, map, 2), `${name}.conv`, { from: channels, to: channels });
}

/** `Upsample2D` to the height and width of another map: the way back from an odd size, which halving rounded. */
export function upsample2dTo(g: GraphBuilder, map: Value, name: string, channels: number, target: Value): Value {
  const mapShape = g.op("Shape", [map]);
  const batchAndChannels = g.op("Slice", [mapShape, g.ints(0), g.ints(2)]); // [2] integers
  const heightAndWidth = g.op("Slice", [g.op("Shape", [target]), g.ints(2), g.ints(4)]);
  const sizes = g.concat([batchAndChannels, heightAndWidth], 0); // batch, channels, and the target's height and width
  const resized = g.op("Resize", [map, ABSENT, ABSENT, sizes], NEAREST);
  return convolution(g, resized, `${name}.conv`, { from: channels, to: channels });
}

/** [batch, channels, height, width] to [batch, channels, factor · height, factor · width]. */
export function enlarge(g: GraphBuilder, map: Value, factor: number): Value {
  return g.op("Resize", [map, ABSENT, g.floats([1, 1, factor, factor], [4])], NEAREST);
}
