import type { BlendMode } from "../../../shared/protocol/plugin/source.ts";

/** Red, green and blue, 0 to 1. */
export type Rgb = readonly [number, number, number];

/** B(backdrop, source) of one channel (Compositing and Blending Level 1, section 10.1). */
const separable: Partial<Record<BlendMode, (backdrop: number, source: number) => number>> = {
  normal: (_, s) => s,
  multiply: (b, s) => b * s,
  screen: (b, s) => b + s - b * s,
  overlay: (b, s) => hardLight(s, b),
  darken: Math.min,
  lighten: Math.max,
  "color-dodge": (b, s) => (b === 0 ? 0 : s === 1 ? 1 : Math.min(1, b / (1 - s))),
  "color-burn": (b, s) => (b === 1 ? 1 : s === 0 ? 0 : 1 - Math.min(1, (1 - b) / s)),
  "hard-light": (b, s) => hardLight(b, s),
  "soft-light": softLight,
  difference: (b, s) => Math.abs(b - s),
  exclusion: (b, s) => b + s - 2 * b * s,
};

/** The colour that a source makes of a backdrop, both opaque. */
export function blend(mode: BlendMode, backdrop: Rgb, source: Rgb): Rgb {
  const channel = separable[mode];
  if (channel !== undefined)
    return [channel(backdrop[0], source[0]), channel(backdrop[1], source[1]), channel(backdrop[2], source[2])];
  switch (mode) {
    case "hue":
      return withLuminosity(withSaturation(source, saturation(backdrop)), luminosity(backdrop));
    case "saturation":
      return withLuminosity(withSaturation(backdrop, saturation(source)), luminosity(backdrop));
    case "color":
      return withLuminosity(source, luminosity(backdrop));
    default:
      return withLuminosity(backdrop, luminosity(source));
  }
}

function hardLight(b: number, s: number): number {
  return s <= 0.5 ? b * 2 * s : b + (2 * s - 1) - b * (2 * s - 1);
}

function softLight(b: number, s: number): number {
  if (s <= 0.5) return b - (1 - 2 * s) * b * (1 - b);
  const d = b <= 0.25 ? ((16 * b - 12) * b + 4) * b : Math.sqrt(b);
  return b + (2 * s - 1) * (d - b);
}

/* Section 10.2: Lum, Sat, SetLum with ClipColor, SetSat. */

function luminosity([r, g, b]: Rgb): number {
  return 0.3 * r + 0.59 * g + 0.11 * b;
}

function saturation(colour: Rgb): number {
  return Math.max(...colour) - Math.min(...colour);
}

function withLuminosity(colour: Rgb, wanted: number): Rgb {
  const moved = colour.map((c) => c + wanted - luminosity(colour)) as unknown as Rgb;
  const l = luminosity(moved);
  const [lowest, highest] = [Math.min(...moved), Math.max(...moved)];
  return moved.map((c) => {
    const raised = lowest < 0 ? l + ((c - l) * l) / (l - lowest) : c;
    return highest > 1 ? l + ((raised - l) * (1 - l)) / (highest - l) : raised;
  }) as unknown as Rgb;
}

function withSaturation(colour: Rgb, wanted: number): Rgb {
  const lowest = Math.min(...colour);
  const range = Math.max(...colour) - lowest;
  return colour.map((c) => (range === 0 ? 0 : ((c - lowest) * wanted) / range)) as unknown as Rgb;
}
