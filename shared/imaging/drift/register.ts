import { luminance } from "../colour/brightness.ts";
import type { FloatImage } from "../float-image.ts";
import { gradients, halved, median, type Plane, smooth } from "./plane.ts";

/**
 * How a picture that was drawn again lies over the one it was drawn after: what is at p there is drawn at
 * m + (1 + zoom)·(p − m) + (across, down), m the middle. In pixels.
 */
export interface Displacement {
  readonly across: number;
  readonly down: number;
  readonly zoom: number;
}

/** Pyramids end where a side would become shorter than this, in pixels. */
const LEAST_SIDE = 24;
const ROUNDS = 12;
/** Rounds end with steps shorter than this, in pixels of their level. */
const SETTLED = 0.002;
/** Of a residual's scale, what Tukey's biweight still counts: 95 % efficiency on normal errors. */
const BIWEIGHT = 4.685;
/** Residuals' scale from their median. */
const MAD_TO_SIGMA = 1.4826;
/** Levels between which the scale is kept: no finer than rounding, no coarser than what may still be the same. */
const LEAST_SIGMA = 0.5;
const MOST_SIGMA = 8;
/** Farther than this share of the longer side, or zoomed by more, a picture has not drifted: it was drawn differently. */
const MOST_SHIFT_SHARE = 0.04;
const MOST_ZOOM = 0.02;
/** What moves no pixel by as much is none, and spares the picture a resampling. */
const LEAST_MOVE = 0.05;
/** Misfit must fall to this share at most: otherwise there is nothing to be found. */
const WORTHWHILE = 0.98;
/** Of every so many pixels along a side one is looked at for medians. */
const SAMPLED = 3;

/**
 * Finds how `drawn` lies over `source`, however much of it shows something else: least squares with Tukey's biweight on a
 * Gaussian pyramid, the difference in brightness estimated with it.
 *
 * J.-M. Odobez, P. Bouthemy, "Robust Multiresolution Estimation of Parametric Motion Models", 1995; the mean of both gradients
 * as in S. Benhimane, E. Malis, "Real-time image-based tracking of planes using efficient second-order minimization", 2004.
 *
 * @param drawn three channels
 * @param source three channels, the same size
 * @param known 0 where a pixel says nothing; one value a pixel
 * @returns undefined where they lie over each other, or not at all
 */
export function register(drawn: FloatImage, source: FloatImage, known: Uint8Array): Displacement | undefined {
  const levels = [
    { drawn: smooth(brightnessOf(drawn)), source: smooth(brightnessOf(source)), known: weights(known, source) },
  ];
  for (;;) {
    const { drawn: fine, source: other, known: counted } = levels.at(-1)!; // there is a first one
    if (Math.min(fine.width, fine.height) < 2 * LEAST_SIDE) break;
    levels.push({ drawn: halved(fine), source: halved(other), known: halved(counted) });
  }
  let found: Displacement = { across: 0, down: 0, zoom: 0 };
  for (const [index, level] of levels.toReversed().entries()) {
    if (index > 0) found = { ...found, across: 2 * found.across, down: 2 * found.down };
    found = settle(level, found);
  }
  const { width, height } = source;
  const longest = Math.max(width, height);
  const shift = Math.hypot(found.across, found.down);
  if (!(shift <= MOST_SHIFT_SHARE * longest && Math.abs(found.zoom) <= MOST_ZOOM)) return undefined;
  if (shift + (Math.abs(found.zoom) * longest) / 2 < LEAST_MOVE) return undefined;
  const [finest] = levels;
  const none = { across: 0, down: 0, zoom: 0 };
  return misfit(finest!, found) <= WORTHWHILE * misfit(finest!, none) ? found : undefined; // the first one
}

/** Where the source's columns and rows were drawn. */
export function drawnAt(
  { width, height }: { readonly width: number; readonly height: number },
  { across, down, zoom }: Displacement,
): readonly [columns: Float64Array, rows: Float64Array] {
  const along = (length: number, shift: number) =>
    Float64Array.from({ length }, (_, at) => at + shift + zoom * (at - (length - 1) / 2));
  return [along(width, across), along(height, down)];
}

/** Gauss–Newton on one level. */
function settle(level: { drawn: Plane; source: Plane; known: Plane }, from: Displacement): Displacement {
  const { source, known } = level;
  const { width, height } = source;
  const [acrossSource, downSource] = gradients(source);
  let { across, down, zoom } = from;
  let brighter = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const { warped, inside } = warp(level.drawn, { across, down, zoom });
    const residual = warped.data.map((value, pixel) => value - source.data[pixel]!);
    brighter = medianOf(source, residual, known.data, inside);
    const limit = BIWEIGHT * spread(source, residual, known.data, inside, brighter);
    const [acrossDrawn, downDrawn] = gradients(warped);
    // The upper half of the normal equations for (across, down, zoom, brightness).
    let [n00, n01, n02, n03, n11, n12, n13, n22, n23, n33] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let [r0, r1, r2, r3] = [0, 0, 0, 0];
    for (let y = 1; y < height - 1; y += 1)
      for (let x = 1; x < width - 1; x += 1) {
        const pixel = y * width + x;
        const off = residual[pixel]! - brighter;
        if (inside[pixel] === 0 || known.data[pixel] === 0 || Math.abs(off) >= limit) continue;
        const share = 1 - (off / limit) ** 2;
        const weight = known.data[pixel]! * share * share;
        const gx = (acrossSource[pixel]! + acrossDrawn[pixel]!) / 2;
        const gy = (downSource[pixel]! + downDrawn[pixel]!) / 2;
        const gz = gx * (x - (width - 1) / 2) + gy * (y - (height - 1) / 2);
        n00 += weight * gx * gx;
        n01 += weight * gx * gy;
        n02 += weight * gx * gz;
        n03 -= weight * gx;
        n11 += weight * gy * gy;
        n12 += weight * gy * gz;
        n13 -= weight * gy;
        n22 += weight * gz * gz;
        n23 -= weight * gz;
        n33 += weight;
        r0 -= weight * gx * off;
        r1 -= weight * gy * off;
        r2 -= weight * gz * off;
        r3 += weight * off;
      }
    const normal = [n00, n01, n02, n03, n01, n11, n12, n13, n02, n12, n22, n23, n03, n13, n23, n33];
    const right = [r0, r1, r2, r3];
    const step = solved(normal, right);
    if (step === undefined) break;
    across += step[0]!;
    down += step[1]!;
    zoom += step[2]!;
    if (Math.hypot(step[0]!, step[1]!) + (Math.abs(step[2]!) * Math.max(width, height)) / 2 < SETTLED) break;
  }
  return { across, down, zoom };
}

/** Mean of the residuals' biweight losses, brightness apart. */
function misfit({ drawn, source, known }: { drawn: Plane; source: Plane; known: Plane }, at: Displacement): number {
  const { warped, inside } = warp(drawn, at);
  const residual = warped.data.map((value, pixel) => value - source.data[pixel]!);
  const brighter = medianOf(source, residual, known.data, inside);
  const limit = BIWEIGHT * MOST_SIGMA;
  let sum = 0;
  let count = 0;
  for (let pixel = 0; pixel < residual.length; pixel += 1) {
    if (inside[pixel] === 0 || known.data[pixel] === 0) continue;
    const off = Math.min(1, Math.abs(residual[pixel]! - brighter) / limit);
    sum += 1 - (1 - off ** 2) ** 3;
    count += 1;
  }
  return count === 0 ? 0 : sum / count;
}

/** Bilinear. `inside` is 0 where a pixel was drawn beyond the picture. */
function warp(drawn: Plane, displacement: Displacement): { readonly warped: Plane; readonly inside: Uint8Array } {
  const { width, height, data } = drawn;
  const out = new Float32Array(data.length);
  const inside = new Uint8Array(data.length);
  const [columns, rows] = drawnAt(drawn, displacement);
  for (let y = 0; y < height; y += 1) {
    const atY = rows[y]!;
    if (!(atY >= 0 && atY <= height - 1)) continue;
    const top = Math.min(Math.floor(atY), height - 2);
    const fy = atY - top;
    for (let x = 0; x < width; x += 1) {
      const atX = columns[x]!;
      if (!(atX >= 0 && atX <= width - 1)) continue;
      const left = Math.min(Math.floor(atX), width - 2);
      const fx = atX - left;
      const first = top * width + left;
      const upper = data[first]! * (1 - fx) + data[first + 1]! * fx;
      const lower = data[first + width]! * (1 - fx) + data[first + width + 1]! * fx;
      out[y * width + x] = upper * (1 - fy) + lower * fy;
      inside[y * width + x] = 1;
    }
  }
  return { warped: { width, height, data: out }, inside };
}

function brightnessOf(picture: FloatImage): Plane {
  const { width, height } = picture;
  return { width, height, data: luminance(picture) };
}

function weights(known: Uint8Array, { width, height }: FloatImage): Plane {
  return { width, height, data: Float32Array.from(known, (value) => (value === 0 ? 0 : 1)) };
}

function medianOf(size: Plane, values: Float32Array, known: Float32Array, inside: Uint8Array): number {
  const sampled: number[] = [];
  for (let y = 0; y < size.height; y += SAMPLED)
    for (let x = 0; x < size.width; x += SAMPLED) {
      const pixel = y * size.width + x;
      if (inside[pixel] !== 0 && known[pixel] !== 0) sampled.push(values[pixel]!);
    }
  return median(sampled);
}

function spread(
  size: Plane,
  residual: Float32Array,
  known: Float32Array,
  inside: Uint8Array,
  brighter: number,
): number {
  const away = residual.map((value) => Math.abs(value - brighter));
  return Math.min(MOST_SIGMA, Math.max(LEAST_SIGMA, MAD_TO_SIGMA * medianOf(size, away, known, inside)));
}

/** Cholesky, of 4×4; undefined where the pictures say too little, as flat ones do. */
function solved(normal: readonly number[], right: readonly number[]): Float64Array | undefined {
  const size = right.length;
  const lower = new Float64Array(normal.length);
  for (let row = 0; row < size; row += 1)
    for (let column = 0; column <= row; column += 1) {
      let sum = normal[row * size + column]!;
      for (let k = 0; k < column; k += 1) sum -= lower[row * size + k]! * lower[column * size + k]!;
      if (row === column) {
        if (!(sum > 1e-6 * normal[row * size + row]!)) return undefined;
        lower[row * size + row] = Math.sqrt(sum);
      } else lower[row * size + column] = sum / lower[column * size + column]!;
    }
  const out = Float64Array.from(right);
  for (let row = 0; row < size; row += 1) {
    for (let k = 0; k < row; k += 1) out[row]! -= lower[row * size + k]! * out[k]!;
    out[row]! /= lower[row * size + row]!;
  }
  for (let row = size - 1; row >= 0; row -= 1) {
    for (let k = row + 1; k < size; k += 1) out[row]! -= lower[k * size + row]! * out[k]!;
    out[row]! /= lower[row * size + row]!;
  }
  return out;
}
