import type { PixelRect } from "../../shared/protocol/geometry.ts";
import type { MaskHole } from "../../shared/protocol/mask-shape.ts";

/** What a mask's description says of a rectangle that is painted all over. */
export function solidHole(bounds: PixelRect): MaskHole {
  const { width, height } = bounds;
  const part = { bounds, strokeWidth: Math.min(width, height), area: width * height };
  return { ...part, pieces: [part] };
}
