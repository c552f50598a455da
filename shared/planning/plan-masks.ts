import type { PixelRect } from "../protocol/geometry.ts";
import type { MaskPlan } from "../protocol/plans/inpaint-plan.ts";

/** Feather as a share of the mask's diagonal at full strength; a light touch needs a smaller transition. */
const FEATHER_SHARE = 0.06;
/** Never less than this many pixels of transition ... */
const MIN_FEATHER = 2;
/** ... and never more: beyond it the soft edge becomes a visible halo of repainted surroundings. */
const MAX_FEATHER = 64;
/** The result is mixed into the source over at most this many pixels. */
const MAX_BLEND = 25;

/**
 * How far the masks reach beyond the painted area, in source pixels. The denoise mask is the painted one grown by
 * `grow`, then faded over `feather`; the composite mask fades out over `blend`, within the denoised area.
 *
 * @param cell source pixels per latent cell: the model cannot repaint less than one
 */
export function planMasks(
  mask: PixelRect,
  cell: number,
  strength: number,
  wanted: { readonly grow: number | null; readonly feather: number | null },
): MaskPlan {
  const diagonal = Math.hypot(mask.width, mask.height);
  const feather =
    wanted.feather ?? Math.min(MAX_FEATHER, Math.max(MIN_FEATHER, Math.round(FEATHER_SHARE * diagonal * strength)));
  const grow = wanted.grow ?? Math.max(Math.ceil(feather / 2), Math.ceil(cell / 2));
  return { grow, feather, blend: Math.min(MAX_BLEND, grow + Math.floor(feather / 2)) };
}
