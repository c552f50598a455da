import { pushPullFill } from "../../imaging/fill/push-pull-fill.ts";
import type { FloatImage } from "../../imaging/float-image.ts";
import { distanceToMask } from "../../imaging/mask/distance-transform.ts";
import type { InpaintPass } from "../../protocol/plans/pass.ts";

const MID_GREY = 127.5;
/** Mid-grey takes over from the colours at the border within this many latent cells. */
const FALLOFF_CELLS = 2;

/**
 * What the model starts from where it repaints, below its noise.
 *
 * @param repaint 0 keeps; one value a pixel of `seen`
 * @param cell pixels per latent cell
 */
export function prefillContext(
  seen: FloatImage,
  repaint: Float32Array,
  prefill: InpaintPass["start"],
  cell: number,
): FloatImage {
  if (prefill === "source") return seen;
  const kept = new Float32Array(repaint.length);
  for (let i = 0; i < kept.length; i += 1) kept[i] = repaint[i]! > 0 ? 0 : 1;
  const continued = pushPullFill(seen, kept);
  if (prefill === "blurred-border") return continued;
  const depth = distanceToMask(kept, seen.width, seen.height);
  const data = new Float32Array(continued.data);
  for (let pixel = 0; pixel < depth.length; pixel += 1) {
    if (depth[pixel] === 0) continue;
    const share = Math.min(1, depth[pixel]! / (FALLOFF_CELLS * cell));
    for (let i = pixel * 3; i < pixel * 3 + 3; i += 1) data[i] = data[i]! + share * (MID_GREY - data[i]!);
  }
  return { ...seen, data };
}
