import { pushPullFill } from "../fill/push-pull-fill.ts";
import type { FloatImage } from "../float-image.ts";

/** The correction may go this many levels beyond the colours that the surroundings lead to: shading drifts, nothing glows. */
const MARGIN = 8;
/** Where this many levels are lacking, what was drawn and what the surroundings lead to count the same. */
const HALF_TRUST = 6;

/** One value in 0..1 a pixel each. */
export interface HealEdge {
  /** How much what is known there counts; 0 where the drawing is wanted. */
  readonly weight: Float32Array;
  /** How much of the correction is added. */
  readonly corrected: Float32Array;
  /** How far a drawing that does not fit is replaced by what its surroundings lead to. Only where it is corrected. */
  readonly replaced: Float32Array;
}

/**
 * Makes a drawing meet what is known at its edge. What it lacks there of the source is spread into it as a membrane, added
 * to what was drawn, so that its texture stays; and where much was lacking, the known colours, spread likewise, take over.
 *
 * P. Pérez et al., "Poisson Image Editing", 2003, section 2: the correction of a seamless cloning is a membrane that
 * interpolates the difference along the edge. Here pull and push interpolate it.
 *
 * @param drawn three channels
 * @param source three channels, the same size
 */
export function healEdge(drawn: FloatImage, source: FloatImage, { weight, corrected, replaced }: HealEdge): FloatImage {
  const field = spread(drawn, source, weight);
  const data = new Float32Array(drawn.data);
  for (let pixel = 0; pixel < weight.length; pixel += 1) {
    const share = corrected[pixel]!;
    if (share === 0) continue;
    const at = pixel * 6;
    const lacking = Math.max(Math.abs(field[at]!), Math.abs(field[at + 1]!), Math.abs(field[at + 2]!));
    const distrust = (replaced[pixel]! * lacking) / (lacking + HALF_TRUST);
    for (let c = 0; c < 3; c += 1) {
      const colour = drawn.data[pixel * 3 + c]!;
      const known = field[at + 3 + c]!;
      const least = Math.min(known - colour, 0) - MARGIN;
      const most = Math.max(known - colour, 0) + MARGIN;
      const healed = colour + share * Math.min(Math.max(field[at + c]!, least), most);
      data[pixel * 3 + c] = healed + distrust * (known - healed);
    }
  }
  return { ...drawn, data };
}

/** For every pixel what the drawing lacks, then the colour that is known, both continued from where they count. */
function spread({ width, height, data }: FloatImage, source: FloatImage, weight: Float32Array): Float32Array {
  const both = new Float32Array(width * height * 6);
  for (let pixel = 0; pixel < weight.length; pixel += 1) {
    if (weight[pixel] === 0) continue;
    for (let c = 0; c < 3; c += 1) {
      const known = source.data[pixel * 3 + c]!;
      both[pixel * 6 + c] = known - data[pixel * 3 + c]!;
      both[pixel * 6 + 3 + c] = known;
    }
  }
  return pushPullFill({ width, height, channels: 6, data: both }, weight, 0).data;
}
