import type { PixelRect, PixelSize } from "../../protocol/geometry.ts";

/**
 * What the model is to draw of a context that is partly known, at the working size: every latent cell that one of `fills`
 * touches or that shows mostly what is not known either, 1 there and 0 elsewhere. All rectangles are in source pixels.
 *
 * @param known disjoint from `fills`
 * @param cell working pixels per latent cell
 * @returns [height, width] of the working size
 */
export function unknownCells(
  { context, working }: { readonly context: PixelRect; readonly working: PixelSize },
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

/** Shares an area with the rectangle; one millionth of a pixel is rounding, not area. */
function touches(rect: PixelRect, x: number, y: number, width: number, height: number): boolean {
  return (
    x < rect.x + rect.width - 1e-6 &&
    x + width > rect.x + 1e-6 &&
    y < rect.y + rect.height - 1e-6 &&
    y + height > rect.y + 1e-6
  );
}

function contains(rect: PixelRect, x: number, y: number): boolean {
  return x >= rect.x && x < rect.x + rect.width && y >= rect.y && y < rect.y + rect.height;
}
