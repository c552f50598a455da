import { overlaps, type PixelRect } from "../../protocol/geometry.ts";

/** Rectangles whose longer side is at most this many pixels share the finest grid. */
const FINEST = 32;
/** More columns than any grid has: 16,384 px / 32 px, and one beyond each border. */
const COLUMNS = 1024;

interface Bounded {
  readonly bounds: PixelRect;
}

/**
 * Finds rectangles by where they lie, among thousands. Each lies in one cell of a grid whose cells are no smaller than
 * itself; there is a grid for every power of two.
 *
 * Positions are pixels of a picture: not negative, below `MAX_IMAGE_SIDE`.
 */
export class RectIndex<Item extends Bounded> {
  readonly #grids = new Map<number, Map<number, Set<Item>>>();

  add(item: Item): void {
    const side = cellSide(item.bounds);
    const grid = this.#grids.get(side) ?? new Map<number, Set<Item>>();
    this.#grids.set(side, grid);
    const key = cellKey(Math.floor(item.bounds.x / side), Math.floor(item.bounds.y / side));
    const cell = grid.get(key) ?? new Set<Item>();
    grid.set(key, cell.add(item));
  }

  remove(item: Item): void {
    const side = cellSide(item.bounds);
    const key = cellKey(Math.floor(item.bounds.x / side), Math.floor(item.bounds.y / side));
    const grid = this.#grids.get(side);
    const cell = grid?.get(key);
    cell?.delete(item);
    if (cell?.size === 0) grid?.delete(key);
  }

  /** All that share a pixel with `area`, which may reach beyond the picture; in no order that means anything. */
  overlapping(area: PixelRect): Item[] {
    const found: Item[] = [];
    for (const [side, grid] of this.#grids) {
      // What begins in the cell before may reach into the area.
      const left = Math.max(0, Math.floor(area.x / side) - 1);
      const top = Math.max(0, Math.floor(area.y / side) - 1);
      const right = Math.floor((area.x + area.width - 1) / side);
      const bottom = Math.floor((area.y + area.height - 1) / side);
      if ((right - left + 1) * (bottom - top + 1) > grid.size) {
        for (const cell of grid.values()) collect(cell, area, found);
        continue;
      }
      for (let row = top; row <= bottom; row += 1)
        for (let column = left; column <= right; column += 1) collect(grid.get(cellKey(column, row)), area, found);
    }
    return found;
  }
}

function collect<Item extends Bounded>(cell: ReadonlySet<Item> | undefined, area: PixelRect, found: Item[]): void {
  for (const item of cell ?? []) if (overlaps(item.bounds, area)) found.push(item);
}

function cellSide({ width, height }: PixelRect): number {
  return Math.max(FINEST, 2 ** Math.ceil(Math.log2(Math.max(width, height))));
}

function cellKey(column: number, row: number): number {
  return row * COLUMNS + column;
}
