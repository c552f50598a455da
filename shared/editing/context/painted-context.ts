import { cropMask } from "../../imaging/mask/crop-mask.ts";
import { paintedValue } from "../../imaging/mask/mask-values.ts";
import type { GrayImage } from "../../imaging/rgba-image.ts";
import type { PixelRect, PixelSize } from "../../protocol/geometry.ts";

export interface PaintedContextOptions {
  readonly context: PixelRect;
  readonly working: PixelSize;
  /** Painted areas that do not count: they are drawn already. */
  readonly drawn: readonly PixelRect[];
}

/** The mask over the context at the working size: each pixel takes the most of what falls into it, so no dot gets lost. */
export function paintedContext(mask: GrayImage, { context, working, drawn }: PaintedContextOptions): GrayImage {
  const cut = cropMask(mask, context);
  for (const { x, y, width, height } of drawn) clear(cut, x - context.x, y - context.y, width, height);
  const out = new Uint8Array(working.width * working.height);
  const scaleX = working.width / cut.width;
  const scaleY = working.height / cut.height;
  for (let y = 0; y < cut.height; y += 1) {
    const top = Math.floor(y * scaleY);
    const bottom = Math.min(working.height, Math.max(top + 1, Math.ceil((y + 1) * scaleY)));
    for (let x = 0; x < cut.width; x += 1) {
      const value = paintedValue(cut.data[y * cut.width + x] as number);
      if (value === 0) continue;
      const left = Math.floor(x * scaleX);
      const right = Math.min(working.width, Math.max(left + 1, Math.ceil((x + 1) * scaleX)));
      for (let row = top; row < bottom; row += 1)
        for (let column = left; column < right; column += 1) {
          const to = row * working.width + column;
          if (value > (out[to] as number)) out[to] = value;
        }
    }
  }
  return { ...working, data: out };
}

function clear({ width, height, data }: GrayImage, x: number, y: number, columns: number, rows: number): void {
  const left = Math.max(0, x);
  const right = Math.min(width, x + columns);
  if (right <= left) return;
  for (let row = Math.max(0, y); row < Math.min(height, y + rows); row += 1)
    data.fill(0, row * width + left, row * width + right);
}
