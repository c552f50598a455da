import type { PixelRect } from "../../protocol/geometry.ts";
import type { MaskShape } from "../../protocol/mask-shape.ts";
import type { GrayImage } from "../rgba-image.ts";
import { FAINT_FROM } from "./mask-values.ts";

/** Cells along the longer side of the grid on which holes are told apart. */
const GRID = 1024;
/** No cell is smaller, in pixels: holes closer than this are one. */
const MIN_CELL = 8;

/** The rectangle of pixels painted so far in a cell; empty while right < left. */
interface Extent {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/**
 * Finds a mask's separate holes and how much of the border it covers. Holes are told apart on a coarse grid, in time and
 * memory that depend on the picture's size alone, not on how ragged the mask is; their rectangles are exact.
 *
 * @returns undefined when nothing is painted
 */
export function describeMask(mask: GrayImage): MaskShape | undefined {
  const { width, height } = mask;
  const cell = Math.max(MIN_CELL, Math.ceil(Math.max(width, height) / GRID));
  const columns = Math.ceil(width / cell);
  const extents = new Map<number, Extent>();
  let border = 0;
  for (let y = 0; y < height; y += 1) {
    const isBorderRow = y === 0 || y === height - 1;
    for (let x = 0; x < width; x += 1) {
      if (mask.data[y * width + x]! < FAINT_FROM) continue;
      // The painted run that begins here, as far as the cell goes.
      const column = Math.floor(x / cell);
      const limit = Math.min(width, (column + 1) * cell) - 1;
      const left = x;
      while (x < limit && mask.data[y * width + x + 1]! >= FAINT_FROM) x += 1;
      include(extents, Math.floor(y / cell) * columns + column, left, x, y);
      if (isBorderRow) border += x - left + 1;
      else border += (left === 0 ? 1 : 0) + (x === width - 1 && width > 1 ? 1 : 0);
    }
  }
  if (extents.size === 0) return undefined;
  const borderLength = width === 1 || height === 1 ? width * height : 2 * (width + height) - 4;
  return { holes: connected(extents, columns), borderShare: border / borderLength };
}

function include(extents: Map<number, Extent>, cell: number, left: number, right: number, y: number): void {
  const extent = extents.get(cell);
  if (extent === undefined) {
    extents.set(cell, { left, top: y, right, bottom: y });
    return;
  }
  if (left < extent.left) extent.left = left;
  if (right > extent.right) extent.right = right;
  extent.bottom = y;
}

/** Joins neighbouring cells, corners included, in reading order: the same mask gives the same holes in the same order. */
function connected(extents: Map<number, Extent>, columns: number): PixelRect[] {
  const left = new Set(extents.keys());
  const holes: PixelRect[] = [];
  for (const start of extents.keys()) {
    if (!left.delete(start)) continue;
    const hole = { ...(extents.get(start) as Extent) };
    const open = [start];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      const extent = extents.get(at) as Extent;
      hole.left = Math.min(hole.left, extent.left);
      hole.top = Math.min(hole.top, extent.top);
      hole.right = Math.max(hole.right, extent.right);
      hole.bottom = Math.max(hole.bottom, extent.bottom);
      const first = at % columns === 0 ? 0 : -1;
      const last = at % columns === columns - 1 ? 0 : 1;
      for (const row of [at - columns, at, at + columns])
        for (let next = row + first; next <= row + last; next += 1) if (left.delete(next)) open.push(next);
    }
    const { right, bottom } = hole;
    holes.push({ x: hole.left, y: hole.top, width: right - hole.left + 1, height: bottom - hole.top + 1 });
  }
  return holes;
}
