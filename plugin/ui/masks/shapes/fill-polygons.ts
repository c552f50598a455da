import type { PixelRect } from "../../../../shared/protocol/geometry.ts";
import type { Outline } from "../../../../shared/protocol/plugin/outline.ts";
import type { Polygon } from "./flatten-outline.ts";

/** An edge with y0 < y1. */
interface Edge {
  readonly x0: number;
  readonly y0: number;
  readonly y1: number;
  /** Change of x per unit of y. */
  readonly slope: number;
  /** 1 where the polygon runs downwards, else -1. */
  readonly winding: 1 | -1;
}

/** Thinner bands than this hold less than a hundredth of a level. */
const MIN_BAND = 1e-5;

/**
 * How much of each pixel of `area` the polygons cover, 0..255, row by row: the exact areas, rounded. Each row is cut into bands
 * between corners and crossings, in which the edges are straight and in order; the fill rule says between which of them it is
 * filled, and each adds the trapezoid to its right (as in font rasterisers: differences first, one sum along the row).
 */
export function fillPolygons(
  polygons: readonly Polygon[],
  fillRule: Outline["fillRule"],
  area: PixelRect,
): Uint8Array<ArrayBuffer> {
  const coverage = new Uint8Array(area.width * area.height);
  const edges = polygons.flatMap((polygon) => edgesOf(polygon, area)).sort((a, b) => a.y0 - b.y0);
  const differences = new Float64Array(area.width + 2);
  let active: Edge[] = [];
  let next = 0;
  for (let row = 0; row < area.height; row += 1) {
    while (next < edges.length && (edges[next]?.y0 ?? 0) < row + 1) active.push(edges[next++] as Edge); // next is within
    active = active.filter(({ y1 }) => y1 > row);
    if (active.length === 0) continue;
    differences.fill(0);
    for (const [from, to] of bandsOf(active, row)) addBand(differences, active, fillRule, from, to, area.width);
    let sum = 0;
    for (let x = 0; x < area.width; x += 1) {
      sum += differences[x] as number; // has one more than the row
      coverage[row * area.width + x] = Math.round(Math.min(1, Math.max(0, sum)) * 255);
    }
  }
  return coverage;
}

/** The polygon's edges that reach into the area's rows, from the area's corner. */
function edgesOf(polygon: Polygon, area: PixelRect): Edge[] {
  return polygon.flatMap((from, index) => {
    const to = polygon[(index + 1) % polygon.length] ?? from;
    if (from.y === to.y) return [];
    const [top, bottom] = from.y < to.y ? [from, to] : [to, from];
    const edge: Edge = {
      x0: top.x - area.x,
      y0: top.y - area.y,
      y1: bottom.y - area.y,
      slope: (bottom.x - top.x) / (bottom.y - top.y),
      winding: from.y < to.y ? 1 : -1,
    };
    return edge.y1 > 0 && edge.y0 < area.height ? [edge] : [];
  });
}

function xAt({ x0, y0, slope }: Edge, y: number): number {
  return x0 + (y - y0) * slope;
}

/** The row in bands without a corner inside. */
function bandsOf(active: readonly Edge[], row: number): (readonly [number, number])[] {
  const cuts = [row, row + 1];
  for (const { y0, y1 } of active) {
    if (y0 > row && y0 < row + 1) cuts.push(y0);
    if (y1 > row && y1 < row + 1) cuts.push(y1);
  }
  cuts.sort((a, b) => a - b);
  return cuts.slice(1).flatMap((to, index) => {
    const from = cuts[index] as number; // one before `to`
    return to - from > MIN_BAND ? [[from, to] as const] : [];
  });
}

/** Adds what lies between the filling edges of a band, cut again wherever two of them cross. */
function addBand(
  differences: Float64Array,
  active: readonly Edge[],
  fillRule: Outline["fillRule"],
  from: number,
  to: number,
  width: number,
): void {
  const here = active.filter(({ y0, y1 }) => y0 <= from + MIN_BAND && y1 >= to - MIN_BAND);
  for (let top = from; to - top > MIN_BAND; ) {
    const inside = top + MIN_BAND / 2;
    here.sort((a, b) => xAt(a, inside) - xAt(b, inside) || a.slope - b.slope);
    const bottom = firstCrossing(here, top, to);
    let winding = 0;
    for (const edge of here) {
      const wasFilled = isFilled(winding, fillRule);
      winding += edge.winding;
      const fills = isFilled(winding, fillRule);
      if (fills !== wasFilled) addEdge(differences, edge, top, bottom, fills ? 1 : -1, width);
    }
    top = bottom;
  }
}

function isFilled(winding: number, fillRule: Outline["fillRule"]): boolean {
  return fillRule === "evenodd" ? winding % 2 !== 0 : winding !== 0;
}

/** Where, below `top`, the first two neighbours change places; `to` where none do. */
function firstCrossing(ordered: readonly Edge[], top: number, to: number): number {
  let first = to;
  for (let i = 1; i < ordered.length; i += 1) {
    const [left, right] = [ordered[i - 1] as Edge, ordered[i] as Edge]; // i is within
    const gap = xAt(right, to) - xAt(left, to);
    if (gap >= 0) continue;
    const closing = left.slope - right.slope;
    const crossing = to + gap / closing;
    if (crossing > top + MIN_BAND && crossing < first) first = crossing;
  }
  return first;
}

/** Adds `sign` times the area to the right of an edge between two heights within one row. */
function addEdge(
  differences: Float64Array,
  edge: Edge,
  top: number,
  bottom: number,
  sign: 1 | -1,
  width: number,
): void {
  const [a, b] = [xAt(edge, top), xAt(edge, bottom)];
  const height = (bottom - top) * sign;
  const [left, right] = a < b ? [a, b] : [b, a];
  // What is left of the area fills its whole rows; what is right of it nothing.
  const share = (x0: number, x1: number) => (right === left ? 1 : (x1 - x0) / (right - left));
  if (left < 0) differences[0] = (differences[0] as number) + height * (right <= 0 ? 1 : share(left, 0));
  const [start, end] = [Math.max(left, 0), Math.min(right, width)];
  if (left === right ? start >= width || left < 0 : start >= end) return;
  for (let column = Math.floor(start); column < width && column <= end; column += 1) {
    const [x0, x1] = [Math.max(start, column), Math.min(end, column + 1)];
    const part = height * (left === right ? 1 : share(x0, x1));
    // The trapezoid covers this column from its mean to the column's end, and all of those after it.
    const covered = part * (column + 1 - (x0 + x1) / 2);
    differences[column] = (differences[column] as number) + covered;
    differences[column + 1] = (differences[column + 1] as number) + part - covered;
    if (left === right) break;
  }
}
