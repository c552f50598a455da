import type { MaskHole, MaskPart, MaskShape } from "../../protocol/mask-shape.ts";
import type { GrayImage } from "../rgba-image.ts";
import { FAINT_FROM } from "./mask-values.ts";
import { StrokeDepth } from "./stroke-depth.ts";

/** Cells along the longer side of the grid on which holes are told apart. */
const GRID = 1024;
/** No cell is smaller, in pixels: holes closer than this are one. */
const MIN_CELL = 8;
/** Thin strokes are cut on a grid of about this many pixels: less than the smallest context of any model. */
const PIECE = 64;
/** From this depth on, in pixels, a stroke is wide: it is not cut there. */
const WIDE_DEPTH = PIECE / 2;

/** What is painted in a cell of the grid. */
interface Cell {
  left: number;
  top: number;
  right: number;
  bottom: number;
  area: number;
  /** The largest distance to the border; beyond WIDE_DEPTH only as much as the hole's own needs. */
  depth: number;
  hole: number;
}

/**
 * Finds a mask's separate holes, how wide their strokes are and how much of the border they cover. Holes are told apart on a
 * coarse grid; their rectangles, areas and widths are exact. What lies beyond the picture counts as not painted.
 *
 * Memory depends on the picture's size alone, not on how ragged the mask is.
 *
 * @returns undefined when nothing is painted
 */
export function describeMask(mask: GrayImage): MaskShape | undefined {
  const { width, height } = mask;
  const side = Math.max(MIN_CELL, Math.ceil(Math.max(width, height) / GRID));
  const columns = Math.ceil(width / side);
  const cells = new Map<number, Cell>();
  let border = 0;
  eachRun(mask, side, (left, right, y) => {
    include(cells, Math.floor(y / side) * columns + Math.floor(left / side), left, right, y);
    if (y === 0 || y === height - 1) border += right - left + 1;
    else border += (left === 0 ? 1 : 0) + (right === width - 1 && width > 1 ? 1 : 0);
  });
  if (cells.size === 0) return undefined;
  const holes = connected(cells, columns, () => true);
  measureDepths(mask, side, columns, cells, holes);
  const borderLength = width === 1 || height === 1 ? width * height : 2 * (width + height) - 4;
  const perPiece = Math.max(1, Math.round(PIECE / side));
  return {
    holes: holes.map((hole) => describeHole(hole, cells, columns, perPiece)),
    borderShare: border / borderLength,
  };
}

/** Calls back for every painted run, cut at the grid's lines, row by row. */
function eachRun(
  { width, height, data }: GrayImage,
  side: number,
  visit: (left: number, right: number, y: number) => void,
): void {
  for (let y = 0; y < height; y += 1) {
    const row = y * width;
    for (let x = 0; x < width; x += 1) {
      if (data[row + x]! < FAINT_FROM) continue;
      const limit = Math.min(width, (Math.floor(x / side) + 1) * side) - 1;
      const left = x;
      while (x < limit && data[row + x + 1]! >= FAINT_FROM) x += 1;
      visit(left, x, y);
    }
  }
}

function include(cells: Map<number, Cell>, index: number, left: number, right: number, y: number): void {
  const cell = cells.get(index);
  const area = right - left + 1;
  if (cell === undefined) {
    cells.set(index, { left, top: y, right, bottom: y, area, depth: 0, hole: 0 });
    return;
  }
  if (left < cell.left) cell.left = left;
  if (right > cell.right) cell.right = right;
  cell.bottom = y;
  cell.area += area;
}

/**
 * Joins neighbouring cells of `indices`, corners included, in reading order: the same mask gives the same holes in the same
 * order. Cells that do not pass on end a hole.
 */
function connected<Value>(
  cells: ReadonlyMap<number, Value>,
  columns: number,
  passesOn: (cell: Value) => boolean,
): number[][] {
  const left = new Set(cells.keys());
  const holes: number[][] = [];
  for (const [start, value] of cells) {
    if (!passesOn(value) || !left.delete(start)) continue;
    const hole = [start];
    for (let done = 0; done < hole.length; done += 1) {
      const at = hole[done]!; // done < length
      if (!passesOn(cells.get(at) as Value)) continue;
      const first = at % columns === 0 ? 0 : -1;
      const last = at % columns === columns - 1 ? 0 : 1;
      for (const row of [at - columns, at, at + columns])
        for (let next = row + first; next <= row + last; next += 1) if (left.delete(next)) hole.push(next);
    }
    holes.push(hole);
  }
  for (const rest of left) holes.push([rest]);
  return holes;
}

function measureDepths(
  mask: GrayImage,
  side: number,
  columns: number,
  cells: ReadonlyMap<number, Cell>,
  holes: readonly (readonly number[])[],
): void {
  for (const [hole, indices] of holes.entries()) for (const index of indices) (cells.get(index) as Cell).hole = hole;
  const deepest = new Float64Array(holes.length);
  const depths = new StrokeDepth(mask);
  eachRun(mask, side, (left, right, y) => {
    depths.enter(y);
    const cell = cells.get(Math.floor(y / side) * columns + Math.floor(left / side)) as Cell;
    for (let x = left; x <= right; x += 1) {
      const known = Math.max(cell.depth, cell.depth < WIDE_DEPTH ? 0 : deepest[cell.hole]!);
      if (depths.atMost(x) <= known) continue;
      const depth = depths.at(x);
      if (depth > cell.depth) cell.depth = depth;
      if (depth > deepest[cell.hole]!) deepest[cell.hole] = depth;
    }
  });
}

function describeHole(
  hole: readonly number[],
  cells: ReadonlyMap<number, Cell>,
  columns: number,
  perPiece: number,
): MaskHole {
  const whole = describePart(hole, cells);
  const { width, height } = whole.bounds;
  if (Math.max(width, height) <= PIECE) return { ...whole, pieces: [whole] };
  const pieceColumns = Math.ceil(columns / perPiece);
  const blocks = new Map<number, { readonly cells: number[]; isWide: boolean }>();
  for (const index of hole.toSorted((a, b) => a - b)) {
    const row = Math.floor(index / columns);
    const block = Math.floor(row / perPiece) * pieceColumns + Math.floor((index % columns) / perPiece);
    const isWide = (cells.get(index) as Cell).depth >= WIDE_DEPTH;
    const known = blocks.get(block);
    if (known === undefined) blocks.set(block, { cells: [index], isWide });
    else {
      known.cells.push(index);
      known.isWide ||= isWide;
    }
  }
  // The rim of something wide lies within a block of it, and stays with it.
  const pieces = connected(blocks, pieceColumns, ({ isWide }) => isWide).map((joined) =>
    describePart(
      joined.flatMap((block) => blocks.get(block)?.cells ?? []),
      cells,
    ),
  );
  return { ...whole, pieces: pieces.length === 1 ? [whole] : pieces };
}

function describePart(indices: readonly number[], cells: ReadonlyMap<number, Cell>): MaskPart {
  let [left, top, right, bottom] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, -1, -1];
  let [area, depth] = [0, 0];
  for (const index of indices) {
    const cell = cells.get(index) as Cell;
    left = Math.min(left, cell.left);
    top = Math.min(top, cell.top);
    right = Math.max(right, cell.right);
    bottom = Math.max(bottom, cell.bottom);
    depth = Math.max(depth, cell.depth);
    area += cell.area;
  }
  const bounds = { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
  // A pixel's distance to the nearest one outside ends at that one's centre, half a pixel beyond the border.
  return { bounds, strokeWidth: 2 * (depth - 0.5), area };
}
