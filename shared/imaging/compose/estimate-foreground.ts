import type { PixelRect } from "../../protocol/geometry.ts";
import type { GrayImage, RgbaImage } from "../rgba-image.ts";

/** ε and ω of the paper: how much a pixel's colours keep to its neighbours' anywhere, and how much more across an edge of alpha. */
const REGULARISATION = 1e-5;
const GRADIENT_WEIGHT = 1;
/** Iterations at a level, more where it is small. */
const SMALL_SIDE = 32;
const SMALL_ITERATIONS = 10;
const LARGE_ITERATIONS = 2;
/** Pixels around soft edges whose colours are known and taken over. */
const MARGIN = 32;
const OPAQUE = 255;

/**
 * A picture cut out along an alpha: where it is soft, a pixel shows a mixture of foreground and background, of which the
 * foreground's colour alone is kept, so that no rim of the old background comes along. Opaque pixels stay as they are; transparent
 * ones hide no colour.
 *
 * Fast multi-level foreground estimation: Germer, Uelwer, Conrad and Harmeling, ICPR 2020 (`estimate_foreground_ml` of PyMatting).
 * From one pixel on, level by level twice as fine, it minimises over foreground F and background B
 *
 *   Σ (α F + (1 − α) B − I)² + Σ over neighbours (ε + ω |Δα|) ((ΔF)² + (ΔB)²)
 *
 * by solving the two unknowns of each pixel in turn, its neighbours held.
 *
 * @param alpha of the picture's size
 */
export function estimateForeground(image: RgbaImage, alpha: GrayImage): RgbaImage {
  const { width, height } = image;
  const out = new Uint8ClampedArray(width * height * 4);
  const soft = softArea(alpha);
  const foreground = soft && solve(cutOut(image, alpha, soft));
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const pixel = y * width + x;
      const opacity = alpha.data[pixel]!;
      if (opacity === 0) continue;
      out[pixel * 4 + 3] = opacity;
      const inSoft = soft && foreground && opacity < OPAQUE ? ((y - soft.y) * soft.width + x - soft.x) * 3 : undefined;
      for (let c = 0; c < 3; c += 1)
        out[pixel * 4 + c] = inSoft === undefined ? image.data[pixel * 4 + c]! : 255 * foreground![inSoft + c]!; // there where soft
    }
  return { width, height, data: out };
}

/** Colours, three a pixel, and α, one a pixel; 0..1. */
interface Level {
  readonly width: number;
  readonly height: number;
  readonly colours: Float32Array;
  readonly alpha: Float32Array;
}

/** The smallest rectangle around what is neither opaque nor transparent, with a margin; undefined where nothing is. */
function softArea({ width, height, data }: GrayImage): PixelRect | undefined {
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const opacity = data[y * width + x]!;
      if (opacity === 0 || opacity === OPAQUE) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = y;
    }
  if (right < 0) return undefined;
  const x = Math.max(0, left - MARGIN);
  const y = Math.max(0, top - MARGIN);
  return { x, y, width: Math.min(width, right + MARGIN + 1) - x, height: Math.min(height, bottom + MARGIN + 1) - y };
}

function cutOut(image: RgbaImage, mask: GrayImage, { x: left, y: top, width, height }: PixelRect): Level {
  const colours = new Float32Array(width * height * 3);
  const alpha = new Float32Array(width * height);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const from = (y + top) * image.width + x + left;
      const to = y * width + x;
      for (let c = 0; c < 3; c += 1) colours[to * 3 + c] = image.data[from * 4 + c]! / 255;
      alpha[to] = mask.data[from]! / OPAQUE;
    }
  return { width, height, colours, alpha };
}

/** The foreground's colours at full size. */
function solve(full: Level): Float32Array {
  const levels = Math.max(1, Math.ceil(Math.log2(Math.max(full.width, full.height))));
  let size = { width: 1, height: 1 };
  let foreground: Float32Array = new Float32Array(3);
  let background: Float32Array = new Float32Array(3);
  for (let index = 0; index <= levels; index += 1) {
    const next = {
      width: Math.round(full.width ** (index / levels)),
      height: Math.round(full.height ** (index / levels)),
    };
    const level = index === levels ? full : reduced(full, next);
    foreground = nearest(foreground, size, next, 3);
    background = nearest(background, size, next, 3);
    const isSmall = next.width <= SMALL_SIDE && next.height <= SMALL_SIDE;
    for (let k = isSmall ? SMALL_ITERATIONS : LARGE_ITERATIONS; k > 0; k -= 1) relax(level, foreground, background);
    size = next;
  }
  return foreground;
}

function reduced({ colours, alpha, ...size }: Level, next: { readonly width: number; readonly height: number }): Level {
  return { ...next, colours: nearest(colours, size, next, 3), alpha: nearest(alpha, size, next, 1) };
}

function nearest(
  values: Float32Array,
  from: { readonly width: number; readonly height: number },
  to: { readonly width: number; readonly height: number },
  channels: number,
): Float32Array {
  if (from.width === to.width && from.height === to.height) return values;
  const out = new Float32Array(to.width * to.height * channels);
  for (let y = 0; y < to.height; y += 1) {
    const row = Math.min(from.height - 1, Math.floor((y * from.height) / to.height)) * from.width;
    for (let x = 0; x < to.width; x += 1) {
      const source = (row + Math.min(from.width - 1, Math.floor((x * from.width) / to.width))) * channels;
      for (let c = 0; c < channels; c += 1) out[(y * to.width + x) * channels + c] = values[source + c]!;
    }
  }
  return out;
}

/** One sweep, in place: each pixel's F and B for its neighbours' as they are. */
function relax({ width, height, colours, alpha }: Level, foreground: Float32Array, background: Float32Array): void {
  const towards = new Float64Array(6); // the right-hand sides of F and B, three channels each
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const pixel = y * width + x;
      const a = alpha[pixel]!;
      const b = 1 - a;
      let sum = 0;
      for (let c = 0; c < 3; c += 1) {
        towards[c] = a * colours[pixel * 3 + c]!;
        towards[c + 3] = b * colours[pixel * 3 + c]!;
      }
      for (let side = 0; side < 4; side += 1) {
        const nx = Math.min(width - 1, Math.max(0, x + (side === 0 ? -1 : side === 1 ? 1 : 0)));
        const ny = Math.min(height - 1, Math.max(0, y + (side === 2 ? -1 : side === 3 ? 1 : 0)));
        const other = ny * width + nx;
        const weight = REGULARISATION + GRADIENT_WEIGHT * Math.abs(a - alpha[other]!);
        sum += weight;
        for (let c = 0; c < 3; c += 1) {
          towards[c]! += weight * foreground[other * 3 + c]!;
          towards[c + 3]! += weight * background[other * 3 + c]!;
        }
      }
      const [a00, a01, a11] = [a * a + sum, a * b, b * b + sum];
      const scale = 1 / (a00 * a11 - a01 * a01);
      for (let c = 0; c < 3; c += 1) {
        const [f, g] = [towards[c]!, towards[c + 3]!];
        foreground[pixel * 3 + c] = Math.min(1, Math.max(0, scale * (a11 * f - a01 * g)));
        background[pixel * 3 + c] = Math.min(1, Math.max(0, scale * (a00 * g - a01 * f)));
      }
    }
}
