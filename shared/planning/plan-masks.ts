import type { InpaintIntent } from "../protocol/edit-request.ts";
import type { PixelRect } from "../protocol/geometry.ts";
import type { MaskPlan } from "../protocol/plans/pass.ts";

/** Feather as a share of the mask's diagonal at full strength; a light touch needs a smaller transition. */
const FEATHER_SHARE = 0.06;
/** Never less than this many pixels of transition ... */
const MIN_FEATHER = 2;
/** ... and never more: beyond it the soft edge becomes a visible halo of repainted surroundings. */
const MAX_FEATHER = 64;
/** A new background ends at the subject's own edge: hardly any transition. */
const BACKGROUND_FEATHER_SHARE = 0.01;
/** What is removed leaves a rim and a shadow; they go too, over this share of the mask's diagonal. */
const REMOVE_GROW_SHARE = 0.05;
/** The result is mixed into the source over at most this many pixels. */
const MAX_BLEND = 25;

/** Nothing but what is painted. */
export const noReach: MaskPlan = { grow: 0, feather: 0, blend: 0 };

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
  intent: Exclude<InpaintIntent, "auto">,
  wanted: { readonly grow: number | null; readonly feather: number | null },
): MaskPlan {
  const diagonal = Math.hypot(mask.width, mask.height);
  const featherShare = intent === "background" ? BACKGROUND_FEATHER_SHARE : FEATHER_SHARE;
  const feather =
    wanted.feather ?? Math.min(MAX_FEATHER, Math.max(MIN_FEATHER, Math.round(featherShare * diagonal * strength)));
  const rim = intent === "remove" ? Math.min(MAX_FEATHER / 2, Math.round(REMOVE_GROW_SHARE * diagonal)) : 0;
  const grow = wanted.grow ?? Math.max(Math.ceil(feather / 2), Math.ceil(cell / 2), rim);
  return { grow, feather, blend: Math.min(MAX_BLEND, grow + Math.floor(feather / 2)) };
}
