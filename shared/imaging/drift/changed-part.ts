import type { FloatImage } from "../float-image.ts";
import { distanceToMask } from "../mask/distance-transform.ts";
import { smoothstep } from "../mask/grow-softly.ts";
import { median, type Plane, smooth } from "./plane.ts";

/** Levels that autoencoders alone change a picture by, smoothed: less is nobody's wish. */
const LEAST_CHANGE = 6;
/** Of a picture that comes back rougher, this many times its usual difference, up to a limit in levels. */
const ABOVE_USUAL = 4;
const MOST_USUAL = 16;
/** Pixels by which an edge may still be misplaced. */
const MISPLACED = 0.75;
/** What is surely changed differs by this many times what may still be drift; what hangs together with it, by less. */
const SURELY = 2;
/** Fewer pixels that surely changed are a speck. */
const LEAST_PIXELS = 12;
/** Pixels beyond what changed that are taken as drawn, and over which that fades into what did not. */
const GROW = 3;
const FADE = 8;

export interface ChangedPart {
  /** How much of each pixel is taken as drawn, 0 to 1; one value a pixel. */
  readonly coverage: Float32Array;
  /** Share of the known pixels that changed, 0 to 1. */
  readonly share: number;
}

/**
 * Where `drawn` shows something else than `source`: where they differ, smoothed, by more than the picture's usual difference
 * and a misplaced edge could make. Thresholds with hysteresis: J. Canny, "A Computational Approach to Edge Detection", 1986.
 *
 * @param drawn three channels, registered, its cast removed
 * @param known 0 where nothing is to be found
 */
export function findChangedPart(drawn: FloatImage, source: FloatImage, known: Uint8Array): ChangedPart {
  const { width, height } = source;
  const { difference, slope } = compare(drawn, source);
  const counted = withoutSeam(known, width, height);
  const usual = median(difference.filter((_, pixel) => counted[pixel] !== 0 && pixel % SAMPLED === 0));
  const least = Math.max(LEAST_CHANGE, Math.min(MOST_USUAL, ABOVE_USUAL * usual));
  const excess = difference.map((value, pixel) =>
    counted[pixel] === 0 ? 0 : value / (least + MISPLACED * slope[pixel]!),
  );
  const changed = hysteresis(excess, width, height);
  let count = 0;
  let seen = 0;
  for (let pixel = 0; pixel < changed.length; pixel += 1) {
    count += changed[pixel]!;
    seen += counted[pixel] === 0 ? 0 : 1;
  }
  const coverage = new Float32Array(changed.length);
  if (count === 0) return { coverage, share: 0 };
  for (const [pixel, away] of distanceToMask(changed, width, height).entries())
    coverage[pixel] = smoothstep(Math.min(1, Math.max(0, 1 - (away - GROW) / (FADE + 1))));
  return { coverage, share: count / seen };
}

/** Pixels from which smoothing takes something. */
const SMOOTHED = 2;

/** What is known, but for what smoothing mixes with what is not. */
function withoutSeam(known: Uint8Array, width: number, height: number): Uint8Array {
  if (!known.includes(0)) return known;
  const away = distanceToMask(
    known.map((value) => (value === 0 ? 1 : 0)),
    width,
    height,
  );
  return known.map((value, pixel) => (away[pixel]! > SMOOTHED * Math.SQRT2 ? value : 0));
}

/** Medians are taken of every so many pixels. */
const SAMPLED = 7;

/** Largest difference of a channel, and how steep both pictures are around, in levels a pixel; smoothed. */
function compare(drawn: FloatImage, source: FloatImage): { difference: Float32Array; slope: Float32Array } {
  const length = source.width * source.height;
  const difference = new Float32Array(length);
  const slope = new Float32Array(length);
  for (let channel = 0; channel < 3; channel += 1) {
    const [a, b] = [drawn, source].map((image) => smooth(channelOf(image, channel))) as [Plane, Plane];
    const [steepA, steepB] = [steepness(a), steepness(b)];
    for (let pixel = 0; pixel < length; pixel += 1) {
      difference[pixel] = Math.max(difference[pixel]!, Math.abs(a.data[pixel]! - b.data[pixel]!));
      // An edge in one of them alone is something new.
      slope[pixel] = Math.max(slope[pixel]!, Math.min(steepA[pixel]!, steepB[pixel]!));
    }
  }
  return { difference, slope };
}

function channelOf({ width, height, data }: FloatImage, channel: number): Plane {
  const values = new Float32Array(width * height);
  for (let pixel = 0; pixel < values.length; pixel += 1) values[pixel] = data[pixel * 3 + channel]!;
  return { width, height, data: values };
}

/** The largest step to a neighbour, of each pixel and those beside it. */
function steepness({ width, height, data }: Plane): Float32Array {
  const own = new Float32Array(data.length);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const pixel = y * width + x;
      if (x > 0) own[pixel] = Math.abs(data[pixel]! - data[pixel - 1]!);
      if (y > 0) own[pixel] = Math.max(own[pixel]!, Math.abs(data[pixel]! - data[pixel - width]!));
    }
  const around = new Float32Array(data.length);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      let most = 0;
      for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v += 1)
        for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u += 1)
          most = Math.max(most, own[v * width + u]!);
      around[y * width + x] = most;
    }
  return around;
}

/** 1 where an excess above 1 hangs together with enough pixels of one above `SURELY`. */
function hysteresis(excess: Float32Array, width: number, height: number): Uint8Array {
  const kept = new Uint8Array(excess.length);
  const visited = new Uint8Array(excess.length);
  for (let start = 0; start < excess.length; start += 1) {
    if (visited[start] === 1 || excess[start]! < SURELY) continue;
    const part = [start];
    visited[start] = 1;
    let sure = 0;
    for (let next = 0; next < part.length; next += 1) {
      const pixel = part[next]!;
      if (excess[pixel]! >= SURELY) sure += 1;
      const [x, y] = [pixel % width, Math.floor(pixel / width)];
      for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v += 1)
        for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u += 1) {
          const neighbour = v * width + u;
          if (visited[neighbour] === 1 || excess[neighbour]! < 1) continue;
          visited[neighbour] = 1;
          part.push(neighbour);
        }
    }
    if (sure >= LEAST_PIXELS) for (const pixel of part) kept[pixel] = 1;
  }
  return kept;
}
