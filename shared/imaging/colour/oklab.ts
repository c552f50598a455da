import { fromLight, toLight } from "./srgb-curve.ts";

/** Lightness 0..1, green to red, blue to yellow. */
export type Oklab = readonly [lightness: number, a: number, b: number];

// Ottosson, "A perceptual color space for image processing", 2020, https://bottosson.github.io/posts/oklab/

/** sRGB in 0..255, fractions allowed, to Oklab. */
export function srgbToOklab(red: number, green: number, blue: number): Oklab {
  const r = toLight(red / 255);
  const g = toLight(green / 255);
  const b = toLight(blue / 255);
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

/** Oklab to sRGB; colours that sRGB does not have come out beyond 0..255. */
export function oklabToSrgb([lightness, a, b]: Oklab): readonly [red: number, green: number, blue: number] {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    255 * fromLight(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    255 * fromLight(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    255 * fromLight(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}
