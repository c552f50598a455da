import type { Point } from "./mask-stroke.ts";
import type { SourcePlane } from "./select-colour.ts";
import type { MaskPatch } from "./shapes/draw-region.ts";

/** Longest side of the copy in which the object is looked for: outlines of things survive it, grain does not. */
const WORKING_SIDE = 320;
/** Share of the distance to the clicked colour in what it costs to take a pixel; the rest is the step to its neighbour. */
const COLOUR_SHARE = 0.35;
/** A thing is no larger than this share of the picture, and no smaller than that many pixels of the copy. */
const MAX_SHARE = 0.75;
const MIN_PIXELS = 12;
const LEVELS = 256;

/**
 * The thing that was clicked, without a model: a region that grows from the point over the weakest edges first (as in watershed
 * segmentation) and is cut where its border runs along the strongest ones. Holes are filled. Throws `RangeError` for a point outside.
 */
export function growObject(picture: SourcePlane, point: Point): MaskPatch {
  const scale = Math.min(1, WORKING_SIDE / Math.max(picture.width, picture.height));
  const small = shrink(picture, scale);
  const seed = { x: Math.floor(point.x * scale), y: Math.floor(point.y * scale) };
  if (seed.x < 0 || seed.y < 0 || seed.x >= small.width || seed.y >= small.height)
    throw new RangeError(`(${point.x}, ${point.y}) lies outside the picture.`);
  const region = fillHoles(bestRegion(small, seed.y * small.width + seed.x), small.width, small.height);
  return enlarge(region, small.width, small.height, picture.width, picture.height);
}

interface ColourPlane {
  readonly width: number;
  readonly height: number;
  /** Three values a pixel, premultiplied: what is transparent is black. */
  readonly data: Float32Array;
}

/** The mean of the pixels that fall into each pixel of the copy. */
function shrink({ width, height, data }: SourcePlane, scale: number): ColourPlane {
  const w = Math.max(1, Math.round(width * scale));
  const h = Math.max(1, Math.round(height * scale));
  const sums = new Float32Array(w * h * 3);
  const counts = new Uint32Array(w * h);
  for (let y = 0; y < height; y++) {
    const row = Math.min(h - 1, Math.floor((y * h) / height)) * w;
    for (let x = 0; x < width; x++) {
      const to = row + Math.min(w - 1, Math.floor((x * w) / width));
      const from = (y * width + x) * 4;
      const alpha = data[from + 3]! / 255;
      for (let c = 0; c < 3; c++) sums[to * 3 + c]! += data[from + c]! * alpha;
      counts[to]!++;
    }
  }
  return { width: w, height: h, data: sums.map((sum, i) => sum / Math.max(1, counts[Math.floor(i / 3)]!)) };
}

function difference(data: Float32Array, a: number, b: number): number {
  let sum = 0;
  for (let c = 0; c < 3; c++) sum += (data[a * 3 + c]! - data[b * 3 + c]!) ** 2;
  return Math.sqrt(sum);
}

/**
 * Takes pixels in the order of the highest step on the way to them, and remembers the moment at which the border of what was taken
 * had the strongest edges on average. 1 a pixel of the region.
 */
function bestRegion({ width, height, data }: ColourPlane, seed: number): Uint8Array {
  const size = width * height;
  const order = new Int32Array(size);
  const state = new Uint8Array(size); // 1: taken
  const buckets: number[][] = Array.from({ length: LEVELS }, () => []);
  buckets[0]!.push(seed);
  let taken = 0;
  let border = 0;
  let borderCount = 0;
  let best = { score: -1, count: 1 };
  for (let level = 0; level < LEVELS; level++) {
    for (let pixel = buckets[level]!.pop(); pixel !== undefined; pixel = buckets[level]!.pop()) {
      if (state[pixel] === 1) continue;
      state[pixel] = 1;
      order[taken++] = pixel;
      const x = pixel % width;
      for (const [next, isThere] of [
        [pixel - 1, x > 0],
        [pixel + 1, x < width - 1],
        [pixel - width, pixel >= width],
        [pixel + width, pixel + width < size],
      ] as const) {
        if (!isThere) continue;
        const step = difference(data, pixel, next);
        if (state[next] === 1) {
          border -= step;
          borderCount--;
          continue;
        }
        border += step;
        borderCount++;
        const cost = (1 - COLOUR_SHARE) * step + COLOUR_SHARE * difference(data, seed, next);
        buckets[Math.min(LEVELS - 1, Math.max(level, Math.floor(cost)))]!.push(next);
      }
    }
    if (taken < MIN_PIXELS || taken > size * MAX_SHARE || borderCount === 0) continue;
    const score = border / borderCount;
    if (score > best.score) best = { score, count: taken };
  }
  const region = new Uint8Array(size);
  for (let i = 0; i < best.count; i++) region[order[i]!] = 1;
  return region;
}

/** What cannot be reached from the picture's border without crossing the region belongs to it. */
function fillHoles(region: Uint8Array, width: number, height: number): Uint8Array {
  const outside = new Uint8Array(region.length);
  const stack: number[] = [];
  const visit = (pixel: number) => {
    if (region[pixel] === 1 || outside[pixel] === 1) return;
    outside[pixel] = 1;
    stack.push(pixel);
  };
  for (let x = 0; x < width; x++) for (const y of [0, height - 1]) visit(y * width + x);
  for (let y = 0; y < height; y++) for (const x of [0, width - 1]) visit(y * width + x);
  for (let pixel = stack.pop(); pixel !== undefined; pixel = stack.pop()) {
    const x = pixel % width;
    if (x > 0) visit(pixel - 1);
    if (x < width - 1) visit(pixel + 1);
    if (pixel >= width) visit(pixel - width);
    if (pixel + width < region.length) visit(pixel + width);
  }
  return outside.map((value) => 1 - value);
}

/** Interpolates the region at the picture's size, with an edge one pixel of the picture wide and more where the copy is coarser. */
function enlarge(region: Uint8Array, w: number, h: number, width: number, height: number): MaskPatch {
  const data = new Uint8Array(width * height);
  const at = (x: number, y: number) => region[Math.min(h - 1, Math.max(0, y)) * w + Math.min(w - 1, Math.max(0, x))]!;
  for (let y = 0; y < height; y++) {
    const v = ((y + 0.5) * h) / height - 0.5;
    const top = Math.floor(v);
    const down = v - top;
    for (let x = 0; x < width; x++) {
      const u = ((x + 0.5) * w) / width - 0.5;
      const left = Math.floor(u);
      const across = u - left;
      const upper = at(left, top) * (1 - across) + at(left + 1, top) * across;
      const lower = at(left, top + 1) * (1 - across) + at(left + 1, top + 1) * across;
      const value = upper * (1 - down) + lower * down;
      // Half covered is the edge; twice as steep as the interpolation.
      data[y * width + x] = Math.round(255 * Math.min(1, Math.max(0, (value - 0.5) * 2 + 0.5)));
    }
  }
  return { place: { x: 0, y: 0, width, height }, data };
}
