import { distanceToMask } from "../imaging/distance-transform.ts";
import type { FloatImage } from "../imaging/float-image.ts";
import { applyColourFit, fitRingColour } from "../imaging/ring-colour.ts";
import { spreadResidual } from "../imaging/spread-residual.ts";

/** Width of the ring of known pixels that is compared, in latent cells. */
const RING_CELLS = 3;
/** How far the smooth difference reaches into the repainted area before it has faded, in latent cells. */
const FADE_CELLS = 4;

/**
 * Where the model redrew what the mask does not cover, the source still says what colour the place has, unless something
 * new reaches out of the mask. It counts for this much of what was kept ...
 */
const REDRAWN_TRUST = 0.5;
/** ... and for nothing where the two differ by more levels: that is something new. */
const MAX_REDRAWN_DIFFERENCE = 40;

/**
 * Takes back the drift of colour that decoders and guidance leave: what the model drew of the known pixels just outside
 * the repainted area is compared with what is really there, and the difference corrected, first as one line per channel
 * for the whole picture, then as a smooth field that fades into the painted area.
 *
 * @param drawn the whole context as drawn, three channels
 * @param source the context as it was shown to the model, the same size
 * @param repaint above 0 where the model repainted, 0 where it was to keep, one value a pixel
 * @param cell pixels per latent cell
 * @param painted above 0 where the result is wanted as drawn; default: wherever the model repainted
 */
export function correctColour(
  drawn: FloatImage,
  source: FloatImage,
  repaint: Float32Array,
  cell: number,
  painted: ArrayLike<number> = repaint,
): FloatImage {
  const { width, height } = drawn;
  if (!repaint.includes(0)) return drawn;

  const outside = distanceToMask(repaint, width, height);
  const weight = new Float32Array(repaint.length);
  for (let i = 0; i < weight.length; i += 1)
    if (repaint[i] === 0) weight[i] = Math.max(0, 1 - (outside[i] as number) / (RING_CELLS * cell));
  const matched = applyColourFit(drawn, fitRingColour(drawn, source, weight));

  const unpainted = new Uint8Array(repaint.length);
  for (let i = 0; i < unpainted.length; i += 1) unpainted[i] = painted[i] === 0 ? 1 : 0;
  const inside = distanceToMask(unpainted, width, height);
  const fade = new Float32Array(repaint.length);
  for (let i = 0; i < weight.length; i += 1) {
    fade[i] = Math.max(0, 1 - (inside[i] as number) / (FADE_CELLS * cell));
    const isRedrawn = repaint[i] !== 0 && unpainted[i] === 1;
    if (isRedrawn && largestDifference(matched, source, i) <= MAX_REDRAWN_DIFFERENCE) weight[i] = REDRAWN_TRUST;
  }
  return spreadResidual(matched, source, weight, fade, cell);
}

function largestDifference(a: FloatImage, b: FloatImage, pixel: number): number {
  let largest = 0;
  for (let i = pixel * 3; i < pixel * 3 + 3; i += 1)
    largest = Math.max(largest, Math.abs((a.data[i] as number) - (b.data[i] as number)));
  return largest;
}
