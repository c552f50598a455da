import type { PixelSize } from "../../protocol/geometry.ts";

/** A stack of planes: [channels, height, width]. */
export interface Planes extends PixelSize {
  readonly channels: number;
  readonly data: Float32Array;
}

export interface TiledRun {
  /** Side of an input tile; the last tile of a row or column is as small as what is left. */
  readonly tileSize: number;
  /** Distance from one input tile to the next. */
  readonly stride: number;
  /** Output cells over which a tile fades into its neighbour. */
  readonly blend: number;
  /** Output cells of each tile that are kept; the rest lies under the next one. */
  readonly kept: number;
}

/** Neighbouring tiles share a quarter of their side, as in diffusers. */
const OVERLAP = 0.25;

/**
 * How a graph is run in tiles.
 *
 * @param inputTile Side of a tile the graph is given.
 * @param outputTile Side of what it answers.
 */
export function tiledRun(inputTile: number, outputTile: number): TiledRun {
  const blend = Math.trunc(outputTile * OVERLAP);
  return {
    tileSize: inputTile,
    stride: Math.trunc(inputTile * (1 - OVERLAP)),
    blend,
    kept: outputTile - blend,
  };
}

/**
 * Runs `graph` over overlapping tiles and blends what it answers: first with the tile above, then with the one to the
 * left, both blended already. Equal to `tiled_encode` and `tiled_decode` of diffusers' `AutoencoderKL`.
 */
export async function runTiled(
  input: Planes,
  { tileSize, stride, blend, kept }: TiledRun,
  graph: (tile: Planes) => Promise<Planes>,
): Promise<Planes> {
  const rows: Planes[][] = [];
  for (let y = 0; y < input.height; y += stride) {
    const row: Planes[] = [];
    for (let x = 0; x < input.width; x += stride) {
      const answered = await graph(cutTile(input, x, y, tileSize));
      const tile = { ...answered, data: Float32Array.from(answered.data) };
      const above = rows.at(-1)?.[row.length];
      const left = row.at(-1);
      if (above) blendVertically(above, tile, blend);
      if (left) blendHorizontally(left, tile, blend);
      row.push(tile);
    }
    rows.push(row);
  }
  return join(rows, kept);
}

function cutTile({ channels, width, height, data }: Planes, x: number, y: number, size: number): Planes {
  const tile = { channels, width: Math.min(size, width - x), height: Math.min(size, height - y) };
  const cut = new Float32Array(channels * tile.height * tile.width);
  for (let line = 0; line < channels * tile.height; line++) {
    const plane = Math.floor(line / tile.height);
    const start = (plane * height + y + (line % tile.height)) * width + x;
    cut.set(data.subarray(start, start + tile.width), line * tile.width);
  }
  return { ...tile, data: cut };
}

/** Fades the top of `tile` in over the bottom of `above`. */
function blendVertically(above: Planes, tile: Planes, blend: number): void {
  const extent = Math.min(above.height, tile.height, blend);
  for (let plane = 0; plane < tile.channels; plane++)
    for (let y = 0; y < extent; y++) {
      const weight = y / extent;
      const target = (plane * tile.height + y) * tile.width;
      const source = (plane * above.height + above.height - extent + y) * above.width;
      for (let x = 0; x < tile.width; x++)
        tile.data[target + x] = above.data[source + x]! * (1 - weight) + tile.data[target + x]! * weight;
    }
}

/** Fades the left edge of `tile` in over the right edge of `left`. */
function blendHorizontally(left: Planes, tile: Planes, blend: number): void {
  const extent = Math.min(left.width, tile.width, blend);
  for (let line = 0; line < tile.channels * tile.height; line++) {
    const target = line * tile.width;
    const source = line * left.width + left.width - extent;
    for (let x = 0; x < extent; x++) {
      const weight = x / extent;
      tile.data[target + x] = left.data[source + x]! * (1 - weight) + tile.data[target + x]! * weight;
    }
  }
}

/** Puts the kept part of each tile beside and below the others. */
function join(rows: readonly (readonly Planes[])[], kept: number): Planes {
  const { channels } = rows[0]![0]!;
  const width = rows[0]!.reduce((sum, tile) => sum + Math.min(tile.width, kept), 0);
  const height = rows.reduce((sum, row) => sum + Math.min(row[0]!.height, kept), 0);
  const data = new Float32Array(channels * height * width);
  let top = 0;
  for (const row of rows) {
    const rowHeight = Math.min(row[0]!.height, kept);
    let left = 0;
    for (const tile of row) {
      const tileWidth = Math.min(tile.width, kept);
      for (let line = 0; line < channels * rowHeight; line++) {
        const plane = Math.floor(line / rowHeight);
        const y = line % rowHeight;
        const start = (plane * tile.height + y) * tile.width;
        data.set(tile.data.subarray(start, start + tileWidth), (plane * height + top + y) * width + left);
      }
      left += tileWidth;
    }
    top += rowHeight;
  }
  return { channels, width, height, data };
}
