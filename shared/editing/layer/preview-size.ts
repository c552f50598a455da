import type { PixelSize } from "../../protocol/geometry.ts";

/** Longest side of a preview, in pixels: it travels as text with an event, and is looked at for a moment. */
const MAX_PREVIEW_SIDE = 512;

/** The size at which a whole picture is previewed: its own, or smaller. */
export function previewSize({ width, height }: PixelSize): PixelSize {
  const scale = Math.min(1, MAX_PREVIEW_SIDE / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}
