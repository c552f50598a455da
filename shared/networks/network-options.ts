import type { GraphBuilderOptions } from "./graph/graph-builder.ts";

/** What every network is built with beside its config and weights. */
export interface NetworkOptions extends GraphBuilderOptions {
  /** Rows of every run; any number unless given. */
  readonly batch?: number | undefined;
  /** Of the map that comes in, in its own cells or pixels; any size unless given. Some runtimes are faster with fixed sizes. */
  readonly size?: { readonly width: number; readonly height: number } | undefined;
}

/** [batch, channels, height, width] of the map that comes in. */
export function mapShape({ batch, size }: NetworkOptions, channels: number): readonly (number | string)[] {
  return [batchOf({ batch }), channels, size?.height ?? "height", size?.width ?? "width"];
}

/**
 * Of the map that goes out.
 * @param scale Of its height and width to those of the map that comes in; halves are rounded down.
 */
export function scaledMapShape({ batch, size }: NetworkOptions, channels: number, scale: number) {
  const scaled = (length: number | undefined, name: string): number | string =>
    length === undefined ? name : Math.floor(length * scale);
  return [batchOf({ batch }), channels, scaled(size?.height, "output_height"), scaled(size?.width, "output_width")];
}

export function batchOf({ batch }: NetworkOptions): number | string {
  return batch ?? "batch_size";
}
