import type { FloatImage } from "../../imaging/float-image.ts";
import type { PixelRect } from "../../protocol/geometry.ts";

/** What counts as the colours at a border lies about this far from it, in latent cells. */
const BORDER_CELLS = 2;
/** A drawing's deviation from them is looked at in the mean over about this many latent cells: texture is none. */
const DRIFT_CELLS = 2;
/** Times that a mean is taken of what the one before left. */
const ROUNDS = 4;
/** Ground whose colours deviate by up to this many levels around a place is flat there, grain included ... */
const FLAT = 6;
/** ... and from here up it is not. */
const UNEVEN = 14;

/**
 * Levels up to which a drawing that deviates from its ground has drifted. From twice as many on it shows something else,
 * which stands; where a prompt asks for something, another colour may be just that.
 */
const mostDrift = { surroundings: 48, "something-new": 6 } as const;

export interface AnchorFlatGround {
  /** Above 0 where the model repainted; one value a pixel. */
  readonly repaint: Float32Array;
  /** Entirely known; the drawing goes on from its border. In pixels. */
  readonly known: PixelRect;
  /** Pixels per latent cell. */
  readonly cell: number;
  /** Whether the surroundings are to go on, or something new may show on them. */
  readonly wanted: keyof typeof mostDrift;
}

/**
 * Holds a drawing to the colours of flat ground that it goes on from. Models draw a plain wall or a clear sky a little
 * lighter or darker than it is, and each further extension begins where the last one drifted to. Where the ground at the
 * border is flat, what the drawing deviates from it in the mean is taken back; its texture and whatever is plainly another
 * thing stay.
 *
 * @param drawn three channels
 * @param source what is known, three channels, the same size
 */
export function anchorFlatGround(
  drawn: FloatImage,
  source: FloatImage,
  { repaint, known, cell, wanted }: AnchorFlatGround,
): FloatImage {
  const { width, height } = drawn;
  const ground = groundAt(source, known, BORDER_CELLS * cell);
  const lacking = new Float32Array(width * height * 3);
  const painted = repaint.map((value) => (value > 0 ? 1 : 0));
  for (let pixel = 0; pixel < repaint.length; pixel += 1) {
    if (painted[pixel] === 0) continue;
    const border = nearest(known, pixel, width) * 4;
    for (let c = 0; c < 3; c += 1) lacking[pixel * 3 + c] = ground[border + c]! - drawn.data[pixel * 3 + c]!;
  }
  const mean = broadly(lacking, painted, width, height, DRIFT_CELLS * cell);
  const data = new Float32Array(drawn.data);
  for (let pixel = 0; pixel < repaint.length; pixel += 1) {
    if (painted[pixel] === 0) continue;
    const flatness = fall(ground[nearest(known, pixel, width) * 4 + 3]!, FLAT, UNEVEN);
    const most = Math.max(...[0, 1, 2].map((c) => Math.abs(mean[pixel * 3 + c]!)));
    const share = flatness * fall(most, mostDrift[wanted], 2 * mostDrift[wanted]);
    for (let c = 0; c < 3; c += 1) data[pixel * 3 + c]! += share * mean[pixel * 3 + c]!;
  }
  return { ...drawn, data };
}

/**
 * What a field of three channels is in the broad where it is `painted`. A mean around a place falls short of a slope at
 * the ends, where it matters most: what it leaves is averaged again, a few times.
 */
function broadly(
  field: Float32Array,
  painted: Float32Array,
  width: number,
  height: number,
  reach: number,
): Float32Array {
  const weight = new Float32Array(painted);
  blur(weight, width, height, reach);
  const broad = new Float32Array(field.length);
  for (let round = 0; round < ROUNDS; round += 1) {
    const rest = field.map((value, i) => value - broad[i]!);
    blur(rest, width, height, reach);
    for (let pixel = 0; pixel < painted.length; pixel += 1) {
      if (painted[pixel] === 0) continue;
      for (let i = pixel * 3; i < pixel * 3 + 3; i += 1) broad[i]! += rest[i]! / weight[pixel]!;
    }
  }
  return broad;
}

/** At every pixel of `known` the mean colour around it, and how far colours deviate from it there, in levels. */
function groundAt({ width, height, data }: FloatImage, known: PixelRect, reach: number): Float32Array {
  const sums = new Float32Array(known.width * known.height * 5); // three colours, their squares, the weight
  for (let y = 0; y < known.height; y += 1)
    for (let x = 0; x < known.width; x += 1) {
      const from = ((known.y + y) * width + known.x + x) * 3;
      const [red, green, blue] = [data[from]!, data[from + 1]!, data[from + 2]!];
      sums.set([red, green, blue, red * red + green * green + blue * blue, 1], (y * known.width + x) * 5);
    }
  blur(sums, known.width, known.height, reach);
  const out = new Float32Array(width * height * 4);
  for (let y = 0; y < known.height; y += 1)
    for (let x = 0; x < known.width; x += 1) {
      const from = (y * known.width + x) * 5;
      const weight = sums[from + 4]!;
      const [red, green, blue] = [sums[from]! / weight, sums[from + 1]! / weight, sums[from + 2]! / weight];
      const variance = (sums[from + 3]! / weight - red * red - green * green - blue * blue) / 3;
      out.set([red, green, blue, Math.sqrt(Math.max(variance, 0))], ((known.y + y) * width + known.x + x) * 4);
    }
  return out;
}

/** The pixel of a rectangle that lies nearest to another one. */
function nearest(rect: PixelRect, pixel: number, width: number): number {
  const x = Math.min(Math.max(pixel % width, rect.x), rect.x + rect.width - 1);
  const y = Math.min(Math.max(Math.floor(pixel / width), rect.y), rect.y + rect.height - 1);
  return y * width + x;
}

/** 1 up to `start`, 0 from `end` on, straight between. */
function fall(value: number, start: number, end: number): number {
  return Math.min(1, Math.max(0, (end - value) / (end - start)));
}

/** Means over windows, three times each way, which comes near a Gaussian of deviation `reach`. In place; zero beyond. */
function blur(data: Float32Array, width: number, height: number, reach: number): void {
  const channels = data.length / (width * height);
  const radius = Math.max(1, Math.round(reach)); // three boxes of 2r + 1 have a deviation of about r
  const line = new Float64Array(Math.max(width, height));
  for (let round = 0; round < 3; round += 1)
    for (let c = 0; c < channels; c += 1) {
      for (let y = 0; y < height; y += 1) boxMeans(data, y * width * channels + c, channels, width, radius, line);
      for (let x = 0; x < width; x += 1) boxMeans(data, x * channels + c, width * channels, height, radius, line);
    }
}

/** Replaces each of `length` values by the mean over those up to `radius` away, 0 beyond the ends. `before` is scratch. */
function boxMeans(
  data: Float32Array,
  start: number,
  stride: number,
  length: number,
  radius: number,
  before: Float64Array,
): void {
  for (let i = 0; i < length; i += 1) before[i] = data[start + i * stride]!;
  let sum = 0;
  for (let i = 0; i < Math.min(radius, length); i += 1) sum += before[i]!;
  for (let i = 0; i < length; i += 1) {
    if (i + radius < length) sum += before[i + radius]!;
    if (i - radius > 0) sum -= before[i - radius - 1]!;
    data[start + i * stride] = sum / (2 * radius + 1);
  }
}
