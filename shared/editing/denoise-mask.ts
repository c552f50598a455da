import { cropMask } from "../imaging/crop-mask.ts";
import { distanceToMask } from "../imaging/distance-transform.ts";
import { PAINTED_FROM } from "../imaging/mask-bounds.ts";
import type { GrayImage } from "../imaging/rgba-image.ts";
import type { InpaintPlan } from "../protocol/plans/inpaint-plan.ts";

/**
 * What the model repaints, at the working size: every latent cell that the grown mask touches, 1 inside and 0 outside.
 * Whole cells, so that no cell is half hidden: the picture the model is shown and the mask it is told agree.
 *
 * @param latentScale working pixels per latent cell
 * @returns [height, width] of the working size
 */
export function denoiseMask(mask: GrayImage, plan: InpaintPlan, latentScale: number): Float32Array {
  const { context, working } = plan;
  const painted = shrinkPainted(cropMask(mask, context), working.width, working.height);
  // Lengths in the plan are source pixels; a context of another shape than the working size stretches them a little.
  const scale = Math.sqrt((working.width * working.height) / (context.width * context.height));
  const reach = (plan.mask.grow + plan.mask.feather / 2) * scale;
  const distance = distanceToMask(painted, working.width, working.height);

  const cellsAcross = working.width / latentScale;
  const cells = new Uint8Array(cellsAcross * (working.height / latentScale));
  const cellOf = (x: number, y: number): number =>
    Math.floor(y / latentScale) * cellsAcross + Math.floor(x / latentScale);
  for (let y = 0; y < working.height; y += 1) {
    for (let x = 0; x < working.width; x += 1) {
      if ((distance[y * working.width + x] as number) <= reach) cells[cellOf(x, y)] = 1;
    }
  }
  const out = new Float32Array(working.width * working.height);
  for (let y = 0; y < working.height; y += 1) {
    for (let x = 0; x < working.width; x += 1) out[y * working.width + x] = cells[cellOf(x, y)] as number;
  }
  return out;
}

/** The painted mask at another size: a pixel is painted when anything painted falls into it, so that no dot gets lost. */
function shrinkPainted(mask: GrayImage, width: number, height: number): Uint8Array {
  const out = new Uint8Array(width * height);
  const scaleX = width / mask.width;
  const scaleY = height / mask.height;
  for (let y = 0; y < mask.height; y += 1) {
    const top = Math.floor(y * scaleY);
    const bottom = Math.max(top + 1, Math.ceil((y + 1) * scaleY));
    for (let x = 0; x < mask.width; x += 1) {
      if ((mask.data[y * mask.width + x] as number) < PAINTED_FROM) continue;
      const left = Math.floor(x * scaleX);
      const right = Math.max(left + 1, Math.ceil((x + 1) * scaleX));
      for (let row = top; row < bottom && row < height; row += 1)
        out.fill(1, row * width + left, row * width + Math.min(right, width));
    }
  }
  return out;
}
