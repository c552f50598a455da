import type { RgbaImage } from "../../../shared/imaging/rgba-image.ts";
import { lumaPlane } from "./luma-plane.ts";

/** Standard deviation of the window in pixels, and its reach: 11 x 11 samples. */
const SIGMA = 1.5;
const REACH = 5;
/** (K₁·255)² and (K₂·255)², which keep the quotients finite on plain ground. */
const C1 = (0.01 * 255) ** 2;
const C2 = (0.03 * 255) ** 2;

/**
 * Structural similarity of two pictures of one size, in brightness: 1 when equal. The mean over every place where the
 * window lies inside the picture; pictures smaller than the window are compared as if their borders repeated.
 *
 * Z. Wang et al., "Image Quality Assessment: From Error Visibility to Structural Similarity", 2004, formula (13), with
 * its Gaussian window of 11 x 11 pixels.
 */
export function structuralSimilarity(image: RgbaImage, truth: RgbaImage): number {
  const { width, height } = truth;
  const x = lumaPlane(image);
  const y = lumaPlane(truth);
  const average = (values: Float32Array): Float32Array => windowed(values, width, height);
  const meanX = average(x);
  const meanY = average(y);
  const squareX = average(x.map((value) => value * value));
  const squareY = average(y.map((value) => value * value));
  const product = average(x.map((value, i) => value * y[i]!));

  const marginX = width > 2 * REACH ? REACH : 0;
  const marginY = height > 2 * REACH ? REACH : 0;
  let sum = 0;
  for (let row = marginY; row < height - marginY; row += 1)
    for (let column = marginX; column < width - marginX; column += 1) {
      const i = row * width + column;
      const [mx, my] = [meanX[i]!, meanY[i]!];
      const varianceX = squareX[i]! - mx * mx;
      const varianceY = squareY[i]! - my * my;
      const covariance = product[i]! - mx * my;
      sum += ((2 * mx * my + C1) * (2 * covariance + C2)) / ((mx * mx + my * my + C1) * (varianceX + varianceY + C2));
    }
  return sum / ((height - 2 * marginY) * (width - 2 * marginX));
}

/** The Gaussian-weighted average around every pixel. */
function windowed(values: Float32Array, width: number, height: number): Float32Array {
  const across = blurred(values, width, height, 1, width);
  return blurred(across, width, height, width, height);
}

/** Along one axis: `step` from sample to sample of a line, `length` samples in each. */
function blurred(values: Float32Array, width: number, height: number, step: number, length: number): Float32Array {
  const window = Float64Array.from({ length: 2 * REACH + 1 }, (_, i) =>
    Math.exp(-((i - REACH) ** 2) / (2 * SIGMA ** 2)),
  );
  const total = window.reduce((sum, weight) => sum + weight, 0);
  const out = new Float32Array(width * height);
  for (let i = 0; i < out.length; i += 1) {
    const position = Math.floor(i / step) % length;
    let sum = 0;
    for (let k = -REACH; k <= REACH; k += 1) {
      const sample = Math.min(Math.max(position + k, 0), length - 1);
      sum += window[k + REACH]! * values[i + (sample - position) * step]!;
    }
    out[i] = sum / total;
  }
  return out;
}
