import { toLight } from "../../../shared/imaging/colour/srgb-curve.ts";

/** CIE L*a*b* under D65, 2° observer. */
export type Lab = readonly [lightness: number, a: number, b: number];

/** D65 white of the sRGB standard (IEC 61966-2-1), Y = 1. */
const WHITE = [0.95047, 1, 1.08883] as const;
/** CIE's exact constants (6/29)³ and its slope, in place of the rounded 0.008856 and 7.787. */
const EPSILON = (6 / 29) ** 3;
const KAPPA = (29 / 3) ** 3;

/** 8-bit sRGB to L*a*b*. */
export function srgbToLab(red: number, green: number, blue: number): Lab {
  const r = toLight(red / 255);
  const g = toLight(green / 255);
  const b = toLight(blue / 255);
  const x = compress((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / WHITE[0]);
  const y = compress((0.2126729 * r + 0.7151522 * g + 0.072175 * b) / WHITE[1]);
  const z = compress((0.0193339 * r + 0.119192 * g + 0.9503041 * b) / WHITE[2]);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

function compress(share: number): number {
  return share > EPSILON ? Math.cbrt(share) : (KAPPA * share + 16) / 116;
}
