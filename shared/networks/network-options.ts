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

export function batchOf({ batch }: NetworkOptions): number | string {
  return batch ?? "batch_size";
}
