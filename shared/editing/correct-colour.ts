import { distanceToMask } from "../imaging/distance-transform.ts";
import type { FloatImage } from "../imaging/float-image.ts";
import { applyColourFit, fitRingColour } from "../imaging/ring-colour.ts";
import { spreadResidual } from "../imaging/spread-residual.ts";

/** Width of the ring of known pixels that is compared, in latent cells. */
const RING_CELLS = 3;
/** How far the smooth difference reaches into the repainted area before it has faded, in latent cells. */
const FADE_CELLS = 4;

/**
 * Takes back the drift of colour that decoders and guidance leave: what the model drew of the known pixels just outside
 * the repainted area is compared with what is really there, and the difference corrected, first as one line per channel
 * for the whole picture, then as a smooth field that fades into the repainted area.
 *
 * @param drawn the whole context as drawn, three channels
 * @param source the context as it was shown to the model, the same size
 * @param repaint 1 where the model repainted, 0 where it was to keep, one value a pixel
 * @param cell pixels per latent cell
 */
export function correctColour(drawn: FloatImage, source: FloatImage, repaint: Float32Array, cell: number): FloatImage {
  const { width, height } = drawn;
  const known = Uint8Array.from(repaint, (value) => (value === 0 ? 1 : 0));
  if (!known.includes(1)) return drawn;

  const outside = distanceToMask(repaint, width, height);
  const inside = distanceToMask(known, width, height);
  const weight = new Float32Array(repaint.length);
  const fade = new Float32Array(repaint.length);
  for (let i = 0; i < weight.length; i += 1) {
    if (known[i] === 1) weight[i] = Math.max(0, 1 - (outside[i] as number) / (RING_CELLS * cell));
    fade[i] = Math.max(0, 1 - (inside[i] as number) / (FADE_CELLS * cell));
  }
  const matched = applyColourFit(drawn, fitRingColour(drawn, source, weight));
  return spreadResidual(matched, source, weight, fade, cell);
}
