import { distanceToMask } from "../imaging/distance-transform.ts";
import type { FloatImage } from "../imaging/float-image.ts";
import { pushPullFill } from "../imaging/push-pull-fill.ts";
import type { Prefill } from "../protocol/plans/inpaint-plan.ts";

const MID_GREY = 127.5;
/** Mid-grey takes over from the colours at the border within this many latent cells. */
const FALLOFF_CELLS = 2;

/**
 * What the model starts from where it repaints, below its noise.
 *
 * @param repaint 0 keeps; one value a pixel of `seen`
 * @param cell pixels per latent cell
 */
export function prefillContext(seen: FloatImage, repaint: Float32Array, prefill: Prefill, cell: number): FloatImage {
  if (prefill === "source") return seen;
  const continued = pushPullFill(
    seen,
    repaint.map((value) => (value > 0 ? 0 : 1)),
  );
  if (prefill === "blurred-border") return continued;
  const kept = Uint8Array.from(repaint, (value) => (value > 0 ? 0 : 1));
  const depth = distanceToMask(kept, seen.width, seen.height);
  const data = new Float32Array(continued.data);
  for (let pixel = 0; pixel < depth.length; pixel += 1) {
    const share = Math.min(1, (depth[pixel] as number) / (FALLOFF_CELLS * cell));
    for (let c = 0; c < 3; c += 1) {
      const colour = data[pixel * 3 + c] as number;
      data[pixel * 3 + c] = colour + share * (MID_GREY - colour);
    }
  }
  return { ...seen, data };
}
