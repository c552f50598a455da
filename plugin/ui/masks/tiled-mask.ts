import type { PixelSize } from "../../../shared/protocol/geometry.ts";

/** Side of a tile in pixels. A power of two, so that finding a pixel is shifts and masks. */
export const TILE_SHIFT = 8;
export const TILE_SIDE = 1 << TILE_SHIFT;

/** One byte per pixel, row by row: 0 keeps, 255 repaints. Never changed once a stroke has ended. */
export type Tile = Uint8Array<ArrayBuffer>;

/** What a stroke replaced, by tile index. */
export type TileChanges = ReadonlyMap<number, { readonly before: Tile | undefined; readonly after: Tile | undefined }>;

/**
 * A mask at the source's full resolution, in tiles that exist only where something was painted: a 24 MP photograph
 * with one painted face costs a few hundred kilobytes. Strokes copy the tiles they touch, so undo is a swap of references.
 */
export class TiledMask {
  readonly size: PixelSize;
  readonly columns: number;
  readonly rows: number;
  readonly #tiles: (Tile | undefined)[];

  constructor(size: PixelSize) {
    this.size = size;
    this.columns = Math.ceil(size.width / TILE_SIDE);
    this.rows = Math.ceil(size.height / TILE_SIDE);
    this.#tiles = new Array<Tile | undefined>(this.columns * this.rows).fill(undefined);
  }

  get tiles(): readonly (Tile | undefined)[] {
    return this.#tiles;
  }

  /** True when no pixel is painted: a tile without paint is dropped when its stroke ends. */
  get isEmpty(): boolean {
    return this.#tiles.every((tile) => tile === undefined);
  }

  setTile(index: number, tile: Tile | undefined): void {
    this.#tiles[index] = tile;
  }

  isPainted(x: number, y: number): boolean {
    const tile = this.#tiles[(y >> TILE_SHIFT) * this.columns + (x >> TILE_SHIFT)];
    return tile !== undefined && tile[((y & (TILE_SIDE - 1)) << TILE_SHIFT) | (x & (TILE_SIDE - 1))] !== 0;
  }
}
