import type { Lab } from "./lab.ts";

const DEGREES = 180 / Math.PI;

/**
 * Colour difference ΔE00; 1 is about what an eye can just tell apart.
 *
 * G. Sharma, W. Wu, E. Dalal, "The CIEDE2000 Color-Difference Formula: Implementation Notes, Supplementary Test Data, and
 * Mathematical Observations", 2005. Numbers in brackets are that paper's equations; k_L = k_C = k_H = 1.
 */
export function ciede2000([l1, a1, b1]: Lab, [l2, a2, b2]: Lab): number {
  // Step 1: C', h' (2)-(7)
  const meanC = (Math.hypot(a1, b1) + Math.hypot(a2, b2)) / 2;
  const g = 0.5 * (1 - Math.sqrt(meanC ** 7 / (meanC ** 7 + 25 ** 7)));
  const a1p = (1 + g) * a1;
  const a2p = (1 + g) * a2;
  const c1 = Math.hypot(a1p, b1);
  const c2 = Math.hypot(a2p, b2);
  const h1 = hue(a1p, b1);
  const h2 = hue(a2p, b2);

  // Step 2: ΔL', ΔC', ΔH' (8)-(11)
  const deltaL = l2 - l1;
  const deltaC = c2 - c1;
  const isGrey = c1 * c2 === 0;
  let deltaHue = isGrey ? 0 : h2 - h1;
  if (deltaHue > 180) deltaHue -= 360;
  else if (deltaHue < -180) deltaHue += 360;
  const deltaH = 2 * Math.sqrt(c1 * c2) * Math.sin(deltaHue / 2 / DEGREES);

  // Step 3: weights and rotation (12)-(22)
  const meanL = (l1 + l2) / 2;
  const meanCp = (c1 + c2) / 2;
  let meanHue = h1 + h2;
  if (!isGrey) {
    if (Math.abs(h1 - h2) > 180) meanHue += meanHue < 360 ? 360 : -360;
    meanHue /= 2;
  }
  const t =
    1 -
    0.17 * Math.cos((meanHue - 30) / DEGREES) +
    0.24 * Math.cos((2 * meanHue) / DEGREES) +
    0.32 * Math.cos((3 * meanHue + 6) / DEGREES) -
    0.2 * Math.cos((4 * meanHue - 63) / DEGREES);
  const turn = 30 * Math.exp(-(((meanHue - 275) / 25) ** 2));
  const rc = 2 * Math.sqrt(meanCp ** 7 / (meanCp ** 7 + 25 ** 7));
  const sl = 1 + (0.015 * (meanL - 50) ** 2) / Math.sqrt(20 + (meanL - 50) ** 2);
  const sc = 1 + 0.045 * meanCp;
  const sh = 1 + 0.015 * meanCp * t;
  const rt = -Math.sin((2 * turn) / DEGREES) * rc;
  return Math.sqrt((deltaL / sl) ** 2 + (deltaC / sc) ** 2 + (deltaH / sh) ** 2 + rt * (deltaC / sc) * (deltaH / sh));
}

/** Hue angle in 0..360 degrees; 0 for grey. */
function hue(a: number, b: number): number {
  if (a === 0 && b === 0) return 0;
  const angle = Math.atan2(b, a) * DEGREES;
  return angle < 0 ? angle + 360 : angle;
}
