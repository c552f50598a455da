import type { Shape } from "@penpot/plugin-types";
import { uprightSize } from "./shape-frame.ts";

/** Rounding of positions on their way through Penpot: a share of the longer side, and the least in page units. */
const NOISE_SHARE = 1e-3;
const NOISE = 0.05;

/**
 * Whether the shape is a parallelogram: what becomes of a turned shape when its group is squeezed. Then rotation and size do
 * not say where its corners are, which shows in its bounds.
 */
export function isSheared({ rotation, flipX, flipY, center, width, height, bounds }: Shape): boolean {
  const upright = uprightSize({ center, rotation, flipX, flipY }, { width, height });
  const noise = Math.max(NOISE, NOISE_SHARE * Math.max(width, height));
  return Math.abs(upright.width - bounds.width) > noise || Math.abs(upright.height - bounds.height) > noise;
}
