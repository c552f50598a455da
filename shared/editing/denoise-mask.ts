import { cropMask } from "../imaging/crop-mask.ts";
import { growSoftly } from "../imaging/grow-softly.ts";
import { paintedValue } from "../imaging/mask-values.ts";
import type { GrayImage } from "../imaging/rgba-image.ts";
import type { PixelRect, PixelSize } from "../protocol/geometry.ts";
import type { MaskPlan } from "../protocol/plans/inpaint-plan.ts";

export interface DenoiseMaskOptions {
  readonly context: PixelRect;
  readonly working: PixelSize;
  readonly reach: MaskPlan;
  /** Working pixels per latent cell. */
  readonly latentScale: number;
  /**
   * "soft": values between where the mask is soft and over the feather, for models that can follow them. "hard": 1 in
   * every cell that may show, 0 elsewhere.
   */
  readonly edge: "soft" | "hard";
  /** Painted areas that do not count: they are drawn already. */
  readonly drawn: readonly PixelRect[];
}

/**
 * What the model repaints, at the working size: the mask grown and feathered outward, 0..1. Whole latent cells, each as
 * much as the most in it, so that no dot gets lost and the picture the model is shown and the mask it is told agree.
 *
 * @returns [height, width] of the working size
 */
export function denoiseMask(mask: GrayImage, options: DenoiseMaskOptions): Float32Array {
  const { context, working, reach, latentScale, edge } = options;
  const values = shrinkPainted(mask, options);
  // Lengths in the plan are source pixels; a context of another shape than the working size stretches them a little.
  const scale = Math.sqrt((working.width * working.height) / (context.width * context.height));
  const { grow, feather } = reach;
  const soft = (away: number): number => Math.min(1, Math.max(0, 1 - (away / scale - grow) / (feather + 1)));
  const hard = (away: number): number => (away <= (grow + feather / 2) * scale ? 1 : 0);
  const spread = growSoftly(values, working.width, working.height, edge === "soft" ? soft : hard);

  const columns = working.width / latentScale;
  const cells = new Float32Array(columns * (working.height / latentScale));
  const cellOf = (x: number, y: number): number => Math.floor(y / latentScale) * columns + Math.floor(x / latentScale);
  for (let y = 0; y < working.height; y += 1) {
    for (let x = 0; x < working.width; x += 1) {
      const value = spread[y * working.width + x] as number;
      const cell = cellOf(x, y);
      if (value > (cells[cell] as number)) cells[cell] = value;
    }
  }
  const out = new Float32Array(working.width * working.height);
  for (let y = 0; y < working.height; y += 1) {
    for (let x = 0; x < working.width; x += 1) {
      const value = cells[cellOf(x, y)] as number;
      out[y * working.width + x] = edge === "soft" ? value : Math.ceil(value);
    }
  }
  return out;
}

/** The mask over the context at the working size: each pixel takes the most of what falls into it. */
function shrinkPainted(mask: GrayImage, { context, working, drawn }: DenoiseMaskOptions): Uint8Array {
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
  return out;
}

function clear({ width, height, data }: GrayImage, x: number, y: number, columns: number, rows: number): void {
  const left = Math.max(0, x);
  const right = Math.min(width, x + columns);
  if (right <= left) return;
  for (let row = Math.max(0, y); row < Math.min(height, y + rows); row += 1)
    data.fill(0, row * width + left, row * width + right);
}
