import type { FloatImage } from "../float-image.ts";

/** A straight line per channel: corrected = gain * drawn + offset, in 0..255. */
export interface ColourFit {
  readonly gain: readonly number[];
  readonly offset: readonly number[];
}

/** A fit may stretch contrast by this share and no more ... */
const MAX_GAIN_CHANGE = 0.1;
/** ... and move the ring's mean by at most this many levels: beyond it the difference is content, not drift. */
const MAX_SHIFT = 16;
/** Variance, in levels squared, added to both sides of the regression so that a flat ring fits a shift alone. */
const FLATNESS = 36;

/**
 * Fits the colours of `drawn` to those of `source` where both show the same thing: on the ring of known pixels, weighted.
 * Weighted least squares per channel, bounded, so that a wanted change of colour inside the mask survives.
 *
 * @param drawn three channels, as the model drew the whole context
 * @param source three channels, the same size
 * @param weight one value in 0..1 a pixel; 0 where the model repainted
 */
export function fitRingColour(drawn: FloatImage, source: FloatImage, weight: Float32Array): ColourFit {
  const gain: number[] = [];
  const offset: number[] = [];
  for (let c = 0; c < 3; c += 1) {
    let total = 0;
    let sumX = 0;
    let sumY = 0;
    let sumXX = 0;
    let sumXY = 0;
    for (let pixel = 0; pixel < weight.length; pixel += 1) {
      const w = weight[pixel] as number;
      if (w === 0) continue;
      const x = drawn.data[pixel * 3 + c] as number;
      const y = source.data[pixel * 3 + c] as number;
      total += w;
      sumX += w * x;
      sumY += w * y;
      sumXX += w * x * x;
      sumXY += w * x * y;
    }
    if (total === 0) {
      gain.push(1);
      offset.push(0);
      continue;
    }
    const meanX = sumX / total;
    const meanY = sumY / total;
    const varianceX = sumXX / total - meanX * meanX;
    const covariance = sumXY / total - meanX * meanY;
    const slope = clamp((covariance + FLATNESS) / (varianceX + FLATNESS), 1 - MAX_GAIN_CHANGE, 1 + MAX_GAIN_CHANGE);
    const shift = clamp(meanY - meanX, -MAX_SHIFT, MAX_SHIFT);
    gain.push(slope);
    offset.push(meanX + shift - slope * meanX);
  }
  return { gain, offset };
}

/** Applies a fit; the result is not clamped. */
export function applyColourFit(image: FloatImage, { gain, offset }: ColourFit): FloatImage {
  const data = new Float32Array(image.data.length);
  for (let c = 0; c < 3; c += 1) {
    const factor = gain[c]!;
    const shift = offset[c]!;
    for (let i = c; i < data.length; i += 3) data[i] = image.data[i]! * factor + shift;
  }
  return { ...image, data };
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
