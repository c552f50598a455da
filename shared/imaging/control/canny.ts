import type { FloatImage } from "../float-image.ts";

/** Gradients above the second are edges; those above the first, where they touch one. What ControlNets for edges were trained with. */
const WEAK = 100;
const STRONG = 200;

/** tan 22.5° in 15 fractional bits: directions are compared in whole numbers. */
const TAN_22 = 13573;
const FRACTION = 2 ** 15;

/** What is known of a pixel; 0 is no edge. */
const MAYBE = 1;
const EDGE = 2;

/**
 * The edges in a picture, one pixel wide: 255 on them, 0 elsewhere. Equal to OpenCV's `Canny(picture, 100, 200)` on 8-bit
 * colours, with Sobel gradients over 3×3 pixels, |dx| + |dy| as their strength, and that of the strongest channel.
 *
 * Canny, "A Computational Approach to Edge Detection", 1986.
 *
 * @param picture three channels in 0..255, rounded here
 */
export function cannyEdges(picture: FloatImage): Float32Array {
  const { width, height } = picture;
  const { across, down, strength } = gradients(picture);

  // 1. What is strongest along its own gradient.
  const states = new Uint8Array(width * height);
  const strong: number[] = [];
  const at = (x: number, y: number): number =>
    x < 0 || y < 0 || x >= width || y >= height ? 0 : strength[y * width + x]!;
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const i = y * width + x;
      const own = strength[i]!;
      if (own <= WEAK || !isStrongest(own, across[i]!, down[i]!, (dx, dy) => at(x + dx, y + dy))) continue;
      states[i] = own > STRONG ? EDGE : MAYBE;
      if (own > STRONG) strong.push(i);
    }

  // 2. Weak ones that touch an edge are edges.
  for (let i = strong.pop(); i !== undefined; i = strong.pop()) {
    const [x, y] = [i % width, Math.floor(i / width)];
    for (let v = Math.max(y - 1, 0); v <= Math.min(y + 1, height - 1); v += 1)
      for (let u = Math.max(x - 1, 0); u <= Math.min(x + 1, width - 1); u += 1) {
        const neighbour = v * width + u;
        if (states[neighbour] !== MAYBE) continue;
        states[neighbour] = EDGE;
        strong.push(neighbour);
      }
  }
  return Float32Array.from(states, (state) => (state === EDGE ? 255 : 0));
}

interface Gradients {
  readonly across: Int16Array;
  readonly down: Int16Array;
  readonly strength: Int32Array;
}

/** Of the channel in which the gradient is strongest; beyond its border a picture repeats. */
function gradients({ width, height, channels, data }: FloatImage): Gradients {
  const across = new Int16Array(width * height);
  const down = new Int16Array(width * height);
  const strength = new Int32Array(width * height);
  const bytes = Uint8ClampedArray.from(data);
  for (let y = 0; y < height; y += 1) {
    const rows = [Math.max(y - 1, 0), y, Math.min(y + 1, height - 1)].map((row) => row * width);
    const [above, middle, below] = rows as [number, number, number];
    for (let x = 0; x < width; x += 1) {
      const [left, right] = [Math.max(x - 1, 0), Math.min(x + 1, width - 1)];
      const i = middle + x;
      for (let c = 0; c < channels; c += 1) {
        const value = (pixel: number): number => bytes[pixel * channels + c]!;
        const [topLeft, topRight] = [value(above + left), value(above + right)];
        const [lowLeft, lowRight] = [value(below + left), value(below + right)];
        const dx = topRight - topLeft + 2 * (value(middle + right) - value(middle + left)) + lowRight - lowLeft;
        const dy = lowLeft - topLeft + 2 * (value(below + x) - value(above + x)) + lowRight - topRight;
        const size = Math.abs(dx) + Math.abs(dy);
        if (c > 0 && size <= strength[i]!) continue;
        [across[i], down[i], strength[i]] = [dx, dy, size];
      }
    }
  }
  return { across, down, strength };
}

/** Whether a gradient is stronger than those next to it in its direction, rounded to eight. */
function isStrongest(own: number, dx: number, dy: number, at: (dx: number, dy: number) => number): boolean {
  const flat = Math.abs(dx) * TAN_22;
  const steep = Math.abs(dy) * FRACTION;
  if (steep < flat) return own > at(-1, 0) && own >= at(1, 0);
  if (steep > flat + Math.abs(dx) * 2 * FRACTION) return own > at(0, -1) && own >= at(0, 1);
  const side = (dx ^ dy) < 0 ? -1 : 1;
  return own > at(-side, -1) && own > at(side, 1);
}
