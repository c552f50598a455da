import type { PixelRect, PixelSize } from "../../protocol/geometry.ts";

/** Rectangles lie in source pixels. */
interface WorkingContext {
  readonly context: PixelRect;
  readonly working: PixelSize;
}

/** At the far end of an overlap the model repaints this much: what models that see black and white take for white. */
const LEAST_REPAINT = 0.5;

/**
 * What the model is to draw of a context that is partly known, at the working size: every latent cell that one of `fills`
 * touches or that shows mostly what is not known either, 1 there and 0 elsewhere. All rectangles are in source pixels.
 *
 * @param known disjoint from `fills`
 * @param cell working pixels per latent cell
 * @returns [height, width] of the working size
 */
export function unknownCells(
  { context, working }: WorkingContext,
  fills: readonly PixelRect[],
  known: readonly PixelRect[],
  cell: number,
): Float32Array {
  const cellWidth = (cell * context.width) / working.width;
  const cellHeight = (cell * context.height) / working.height;
  const columns = working.width / cell;
  const out = new Float32Array(working.width * working.height);
  for (let row = 0; row < working.height / cell; row += 1) {
    const y = context.y + row * cellHeight;
    for (let column = 0; column < columns; column += 1) {
      const x = context.x + column * cellWidth;
      const isDrawn =
        fills.some((fill) => touches(fill, x, y, cellWidth, cellHeight)) ||
        !known.some((rect) => contains(rect, x + cellWidth / 2, y + cellHeight / 2));
      if (!isDrawn) continue;
      for (let line = 0; line < cell; line += 1) {
        const start = (row * cell + line) * working.width + column * cell;
        out.fill(1, start, start + cell);
      }
    }
  }
  return out;
}

/**
 * Adds the cells around `fills` that an earlier pass drew and that are drawn again, so that the new ones fade into them:
 * the farther from the fills, the less is repainted.
 *
 * @param unknown as `unknownCells` returns it, for the same context
 * @param drawn what earlier passes drew
 */
export function withOverlap(
  unknown: Float32Array,
  {
    context,
    working,
    fills,
    overlap,
  }: WorkingContext & { readonly fills: readonly PixelRect[]; readonly overlap: number },
  drawn: readonly PixelRect[],
  cell: number,
): Float32Array {
  if (overlap === 0 || drawn.length === 0) return unknown;
  const cellWidth = (cell * context.width) / working.width;
  const cellHeight = (cell * context.height) / working.height;
  const out = new Float32Array(unknown);
  for (let row = 0; row < working.height / cell; row += 1) {
    const y = context.y + row * cellHeight;
    for (let column = 0; column < working.width / cell; column += 1) {
      const x = context.x + column * cellWidth;
      if (out[row * cell * working.width + column * cell] !== 0) continue;
      if (!drawn.some((rect) => touches(rect, x, y, cellWidth, cellHeight))) continue;
      const away = Math.min(...fills.map((fill) => gap(fill, { x, y, width: cellWidth, height: cellHeight })));
      if (away >= overlap) continue;
      const value = 1 - (away / overlap) * (1 - LEAST_REPAINT);
      for (let line = 0; line < cell; line += 1) {
        const start = (row * cell + line) * working.width + column * cell;
        out.fill(value, start, start + cell);
      }
    }
  }
  return out;
}

/**
 * A rectangle of the source in pixels of the working size: those that lie inside it as a whole, or, where it is thinner
 * than that, the one that shows most of it. At least one, and always inside the working size.
 */
export function workingRect(rect: PixelRect, { context, working }: WorkingContext): PixelRect {
  const [x, width] = workingLine(rect.x - context.x, rect.width, context.width, working.width);
  const [y, height] = workingLine(rect.y - context.y, rect.height, context.height, working.height);
  return { x, y, width, height };
}

function workingLine(start: number, length: number, context: number, working: number): readonly [number, number] {
  const from = (Math.max(start, 0) * working) / context;
  const to = (Math.min(start + length, context) * working) / context;
  const first = Math.max(0, Math.ceil(from - ROUNDING));
  const whole = Math.floor(to + ROUNDING) - first;
  if (whole >= 1) return [first, whole];
  return [Math.min(Math.max(Math.floor((from + to) / 2), 0), working - 1), 1];
}

/** One millionth of a pixel is rounding, not area. */
const ROUNDING = 1e-6;

/** Distance of two rectangles from border to border; 0 where they touch. */
function gap(a: PixelRect, b: PixelRect): number {
  const across = Math.max(a.x - b.x - b.width, b.x - a.x - a.width, 0);
  const down = Math.max(a.y - b.y - b.height, b.y - a.y - a.height, 0);
  return Math.sqrt(across * across + down * down);
}

/** Shares an area with the rectangle. */
function touches(rect: PixelRect, x: number, y: number, width: number, height: number): boolean {
  return (
    x < rect.x + rect.width - ROUNDING &&
    x + width > rect.x + ROUNDING &&
    y < rect.y + rect.height - ROUNDING &&
    y + height > rect.y + ROUNDING
  );
}

function contains(rect: PixelRect, x: number, y: number): boolean {
  return x >= rect.x && x < rect.x + rect.width && y >= rect.y && y < rect.y + rect.height;
}
