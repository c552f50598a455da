import { pushPullFill } from "../fill/push-pull-fill.ts";
import type { RgbaImage } from "../rgba-image.ts";

/** Grain is measured in square blocks of this side, in pixels: small enough that it may differ from place to place. */
const BLOCK = 16;
/** Pixels a block needs for its share to be trusted in full. */
const TRUSTED_COUNT = 64;
/** Deviations below this many levels are rounding and compression, not grain: clean drawings stay clean. */
const LEAST_GRAIN = 1.5;
/** ... and above this many it is content, ... */
const MOST_GRAIN = 16;
/** ... as is what has this many times more of it than half of all blocks: grain is much the same everywhere. */
const MOST_UNEVEN = 2;
/**
 * If a block's differences are grain, these shares of them are smaller than so many deviations (of the normal distribution).
 * The least that any of them tells counts: edges, lettering and texture are far from normal.
 */
const quantiles = [
  [0.25, 0.3186],
  [0.5, 0.6745],
] as const;
/** Difference to the mean of four neighbours: its deviation over that of independent grain. */
const HIGH_PASS_GAIN = Math.sqrt(1.25);
/** Differences are counted in steps of a quarter level, up to 64 levels. */
const STEPS = 256;
const LUMA = [0.2126, 0.7152, 0.0722] as const;

/**
 * Gives what was drawn the grain of what is known around it: models draw smoothly, and a smooth patch in a grainy
 * photograph shows however well its colours fit. What the drawing has of its own counts; clean ground stays clean. The same
 * grain every time.
 *
 * @param picture what is known and what was drawn together; written to where `isDrawn`
 * @param origin added to a pixel's place where its grain is chosen
 */
export function matchGrain(
  picture: RgbaImage,
  isDrawn: (x: number, y: number) => boolean,
  origin: { readonly x: number; readonly y: number } = { x: 0, y: 0 },
): void {
  const known = measureGrain(picture, (x, y) => !isDrawn(x, y));
  const most = [0, 1, 2, 3].map((channel) => Math.min(MOST_GRAIN, MOST_UNEVEN * median(known, channel)));
  if (most.every((value) => value < LEAST_GRAIN)) return;
  const { width, height } = known;
  const drawn = measureGrain(picture, isDrawn);
  // What is missing, as deviations: red, green, blue, and the share that is common to the three.
  const wanted = pushPullFill({ width, height, channels: 4, data: known.data }, known.weight, 0).data;
  const own = pushPullFill({ width, height, channels: 4, data: drawn.data }, drawn.weight, 0).data;
  const missing = wanted.map((value, i) => {
    if (i % 4 === 3) return commonShare(wanted, i - 3);
    const grain = value < LEAST_GRAIN ? 0 : Math.min(value, most[i % 4]!);
    return Math.sqrt(Math.max(0, grain ** 2 - own[i]! ** 2));
  });

  const { data } = picture;
  for (let y = 0; y < picture.height; y += 1) {
    const [y0, y1, down] = between(y, height);
    for (let x = 0; x < picture.width; x += 1) {
      if (!isDrawn(x, y)) continue;
      const [x0, x1, across] = between(x, width);
      const at = (channel: number): number => {
        const value = (row: number, column: number) => missing[(row * width + column) * 4 + channel] as number;
        const top = value(y0, x0) + (value(y0, x1) - value(y0, x0)) * across;
        const bottom = value(y1, x0) + (value(y1, x1) - value(y1, x0)) * across;
        return top + (bottom - top) * down;
      };
      const common = at(3);
      const shared = Math.sqrt(common) * normal(x + origin.x, y + origin.y, 3);
      for (let c = 0; c < 3; c += 1) {
        const deviation = at(c);
        if (deviation === 0) continue;
        const single = Math.sqrt(1 - common) * normal(x + origin.x, y + origin.y, c);
        const i = (y * picture.width + x) * 4 + c;
        data[i] = Math.min(255, Math.max(0, Math.round(data[i]! + deviation * (shared + single))));
      }
    }
  }
}

/** For each block the deviation of its grain in red, green, blue and brightness, and how far it can be trusted. */
function measureGrain(picture: RgbaImage, isCounted: (x: number, y: number) => boolean) {
  const { data } = picture;
  const width = Math.ceil(picture.width / BLOCK);
  const height = Math.ceil(picture.height / BLOCK);
  const deviations = new Float32Array(width * height * 4);
  const weight = new Float32Array(width * height);
  const line = picture.width * 4;
  const counts = new Uint32Array(4 * STEPS);
  for (let block = 0; block < weight.length; block += 1) {
    const left = (block % width) * BLOCK;
    const top = Math.floor(block / width) * BLOCK;
    counts.fill(0);
    let total = 0;
    for (let y = Math.max(1, top); y < Math.min(picture.height - 1, top + BLOCK); y += 1)
      for (let x = Math.max(1, left); x < Math.min(picture.width - 1, left + BLOCK); x += 1) {
        const i = (y * picture.width + x) * 4;
        const isInside =
          data[i + 3] === 255 &&
          isCounted(x, y) &&
          isCounted(x - 1, y) &&
          isCounted(x + 1, y) &&
          isCounted(x, y - 1) &&
          isCounted(x, y + 1);
        if (!isInside) continue;
        total += 1;
        let luma = 0;
        for (let c = 0; c < 3; c += 1) {
          const at = i + c;
          const around = data[at - 4]! + data[at + 4]! + data[at - line]! + data[at + line]!;
          const steps = 4 * data[at]! - around; // in quarter levels
          luma += LUMA[c]! * steps;
          count(counts, c, steps);
        }
        count(counts, 3, luma);
      }
    weight[block] = Math.min(1, total / TRUSTED_COUNT);
    for (let c = 0; c < 4; c += 1)
      deviations[block * 4 + c] =
        Math.min(...quantiles.map(([share, deviation]) => quantile(counts, c, share * total) / deviation)) /
        (4 * HIGH_PASS_GAIN);
  }
  return { width, height, data: deviations, weight };
}

/** Of the blocks that can be trusted in full. */
function median(
  { data, weight }: { readonly data: Float32Array; readonly weight: Float32Array },
  channel: number,
): number {
  const values = data.filter((_, i) => i % 4 === channel && weight[Math.floor(i / 4)] === 1).sort();
  return values[Math.floor(values.length / 2)] ?? 0;
}

function count(counts: Uint32Array, channel: number, steps: number): void {
  const step = channel * STEPS + Math.min(STEPS - 1, Math.round(Math.abs(steps)));
  counts[step] = counts[step]! + 1;
}

/** The step below which `wanted` of what was counted lies, between steps as if they were evenly filled. */
function quantile(counts: Uint32Array, channel: number, wanted: number): number {
  let left = wanted;
  for (let step = 0; step < STEPS; step += 1) {
    const here = counts[channel * STEPS + step] as number;
    if (left < here) return step === 0 ? 0 : step - 0.5 + left / here;
    left -= here;
  }
  return 0;
}

/**
 * How much of the grain's variance its colours have in common, 0 to 1, told from how far they cancel out in the brightness:
 * s² = c·(Σwₖsₖ)² + (1 − c)·Σ(wₖsₖ)².
 */
function commonShare(deviations: Float32Array, start: number): number {
  const parts = LUMA.map((weight, c) => weight * deviations[start + c]!);
  const together = parts.reduce((sum, part) => sum + part, 0) ** 2;
  const apart = parts.reduce((sum, part) => sum + part ** 2, 0);
  if (together <= apart) return 1;
  const seen = deviations[start + 3]! ** 2;
  return Math.min(1, Math.max(0, (seen - apart) / (together - apart)));
}

/** The two blocks whose centres a pixel lies between, and how far it is from the first to the second. */
function between(place: number, blocks: number): readonly [number, number, number] {
  const centre = Math.min(Math.max((place + 0.5) / BLOCK - 0.5, 0), blocks - 1);
  const first = Math.floor(centre);
  return [first, Math.min(first + 1, blocks - 1), centre - first];
}

/** Nearly normally distributed, of deviation 1: the sum of four bytes that a hash of place and channel gives. */
function normal(x: number, y: number, channel: number): number {
  let hash = Math.imul(x, 0x9e3779b1) ^ Math.imul(y, 0x85ebca77) ^ Math.imul(channel + 1, 0xc2b2ae3d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  hash ^= hash >>> 15;
  const sum = (hash & 255) + ((hash >>> 8) & 255) + ((hash >>> 16) & 255) + (hash >>> 24);
  return (sum - 510) / 147.8;
}
