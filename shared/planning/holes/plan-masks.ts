import type { InpaintIntent } from "../../protocol/edit-request.ts";
import type { PixelSize } from "../../protocol/geometry.ts";
import type { MaskPlan } from "../../protocol/plans/pass.ts";

/** Feather as a share of the stroke's width at full strength; a light touch needs a smaller transition. */
const FEATHER_SHARE = 0.085;
/** Never less than this many pixels of transition ... */
const MIN_FEATHER = 2;
/** ... and never more: beyond it the soft edge becomes a visible halo of repainted surroundings. */
const MAX_FEATHER = 64;
/** A new background ends at the subject's own edge: hardly any transition. */
const BACKGROUND_FEATHER_SHARE = 0.014;
/** What is removed leaves a rim and a shadow; they go too, over this share of the stroke's width. */
const REMOVE_GROW_SHARE = 0.07;
/** The result is mixed into the source over at most this many pixels ... */
const MAX_BLEND = 25;
/** ... and over this share of the stroke's width, so that what is laid down is at most twice as wide as what was painted. */
const BLEND_SHARE = 0.5;

export interface PlannedStroke {
  /** Twice the largest distance from what is painted to its border, in source pixels. */
  readonly strokeWidth: number;
  /** Source pixels per latent cell: the model cannot repaint less than one. */
  readonly cell: number;
  readonly strength: number;
  readonly intent: Exclude<InpaintIntent, "auto">;
  readonly image: PixelSize;
  /** What the request asks for; the plan decides where it says nothing. */
  readonly wanted: { readonly grow: number | null; readonly feather: number | null };
}

/**
 * How far the masks reach beyond the painted area, in source pixels, for a stroke of a width: a scratch across the picture
 * gets as little as a dot. The denoise mask is the painted one grown by `grow`, then faded over `feather`; the composite mask
 * fades out over `blend`, within the denoised area, and may be much narrower than it where a latent cell is wide.
 */
export function planMasks({ strokeWidth, cell, strength, intent, image, wanted }: PlannedStroke): MaskPlan {
  const featherShare = intent === "background" ? BACKGROUND_FEATHER_SHARE : FEATHER_SHARE;
  const feather =
    wanted.feather ?? Math.min(MAX_FEATHER, Math.max(MIN_FEATHER, Math.round(featherShare * strokeWidth * strength)));
  const rim = intent === "remove" ? Math.min(MAX_FEATHER / 2, Math.round(REMOVE_GROW_SHARE * strokeWidth)) : 0;
  const grow = wanted.grow ?? Math.max(Math.ceil(feather / 2), Math.ceil(cell / 2), rim);
  const isAskedFor = wanted.grow !== null || wanted.feather !== null;
  const widest = isAskedFor ? MAX_BLEND : Math.min(MAX_BLEND, Math.ceil(BLEND_SHARE * strokeWidth));
  // Farther than from corner to corner there is nothing to repaint.
  const farthest = Math.ceil(Math.hypot(image.width, image.height));
  return { grow: Math.min(grow, farthest), feather, blend: Math.min(widest, grow + Math.floor(feather / 2), farthest) };
}
