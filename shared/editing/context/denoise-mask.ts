import { growSoftly } from "../../imaging/mask/grow-softly.ts";
import type { GrayImage } from "../../imaging/rgba-image.ts";
import type { PixelSize } from "../../protocol/geometry.ts";
import type { InpaintPass, MaskPlan } from "../../protocol/plans/pass.ts";

/**
 * What the model repaints, at the working size: the mask grown and feathered outward, 0..1. Whole latent cells, each as
 * much as the most in it, so that no dot gets lost and the picture the model is shown and the mask it is told agree.
 *
 * @param painted the mask over the context, at the working size
 * @param cell working pixels per latent cell
 * @returns [height, width] of the working size
 */
export function denoiseMask(
  painted: GrayImage,
  { context, mask, masking }: Pick<InpaintPass, "context" | "masking"> & { readonly mask: MaskPlan },
  cell: number,
): Float32Array {
  // Only differential diffusion follows values between: for the others, every cell that may show is 1.
  const edge = masking === "differential" ? "soft" : "hard";
  const working: PixelSize = painted;
  // Lengths in the plan are source pixels; a context of another shape than the working size stretches them a little.
  const scale = Math.sqrt((working.width * working.height) / (context.width * context.height));
  const { grow, feather } = mask;
  const soft = (away: number): number => Math.min(1, Math.max(0, 1 - (away / scale - grow) / (feather + 1)));
  const hard = (away: number): number => (away <= (grow + feather / 2) * scale ? 1 : 0);
  const ramp = edge === "soft" ? soft : hard;
  const spread = growSoftly(painted.data, working.width, working.height, ramp, (grow + feather + 1) * scale);

  for (let top = 0; top < working.height; top += cell)
    for (let left = 0; left < working.width; left += cell) {
      const most = mostInCell(spread, top * working.width + left, working.width, cell);
      const value = edge === "soft" ? most : Math.ceil(most);
      for (let y = top; y < top + cell; y += 1)
        spread.fill(value, y * working.width + left, y * working.width + left + cell);
    }
  return spread;
}

function mostInCell(values: Float32Array, start: number, stride: number, side: number): number {
  let most = 0;
  for (let row = start; row < start + side * stride; row += stride)
    for (let i = row; i < row + side; i += 1) if (values[i]! > most) most = values[i]!;
  return most;
}
