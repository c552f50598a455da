import { describe, expect, test } from "vitest";
import { estimateForeground } from "../../../../shared/imaging/compose/estimate-foreground.ts";
import type { GrayImage, RgbaImage } from "../../../../shared/imaging/rgba-image.ts";

const width = 120;
const height = 90;
const subject = [200, 60, 40] as const;
const oldGround = [20, 220, 90] as const;

/** A disc with an edge 14 pixels wide, over a ground of another colour: what a picture of it shows, and its alpha. */
function composite(): { readonly image: RgbaImage; readonly alpha: GrayImage } {
  const image = { width, height, data: new Uint8ClampedArray(width * height * 4) };
  const alpha = { width, height, data: new Uint8ClampedArray(width * height) };
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    const share = Math.min(1, Math.max(0, (32 - Math.hypot(x - 60, y - 45)) / 14 + 0.5));
    alpha.data[pixel] = Math.round(255 * share);
    const opacity = alpha.data[pixel]! / 255;
    for (let c = 0; c < 3; c += 1) image.data[pixel * 4 + c] = opacity * subject[c]! + (1 - opacity) * oldGround[c]!;
    image.data[pixel * 4 + 3] = 255;
  }
  return { image, alpha };
}

/** The largest difference of a visible colour from the subject's, in levels, weighted by how opaque it is. */
function halo({ data }: RgbaImage): number {
  let worst = 0;
  for (let i = 0; i < data.length; i += 4)
    for (let c = 0; c < 3; c += 1) worst = Math.max(worst, (Math.abs(data[i + c]! - subject[c]!) * data[i + 3]!) / 255);
  return worst;
}

describe("a picture cut out along a soft alpha", () => {
  test("keeps no rim of the old background", () => {
    const { image, alpha } = composite();
    const naive = { ...image, data: image.data.map((value, i) => (i % 4 === 3 ? alpha.data[i >> 2]! : value)) };
    expect(halo(naive)).toBeGreaterThan(35);
    expect(halo(estimateForeground(image, alpha))).toBeLessThan(3);
  });

  test("shows on a new ground what would have been photographed there", () => {
    const { image, alpha } = composite();
    const { data } = estimateForeground(image, alpha);
    let worst = 0;
    for (let i = 0; i < data.length; i += 4) {
      const opacity = data[i + 3]! / 255;
      for (let c = 0; c < 3; c += 1) {
        const shown = opacity * data[i + c]! + (1 - opacity) * 255;
        worst = Math.max(worst, Math.abs(shown - (opacity * subject[c]! + (1 - opacity) * 255)));
      }
    }
    expect(worst).toBeLessThan(3);
  });

  test("keeps opaque pixels bit-identical, takes alpha over as it is, and hides no colour under nothing", () => {
    const { image, alpha } = composite();
    const { data } = estimateForeground(image, alpha);
    for (let pixel = 0; pixel < width * height; pixel += 1) {
      const now = [...data.subarray(pixel * 4, pixel * 4 + 4)];
      expect(now[3]).toBe(alpha.data[pixel]);
      if (now[3] === 255) expect(now).toEqual([...image.data.subarray(pixel * 4, pixel * 4 + 4)]);
      if (now[3] === 0) expect(now).toEqual([0, 0, 0, 0]);
    }
  });

  test("is the picture itself where nothing is soft", () => {
    const { image } = composite();
    const all = { width, height, data: new Uint8Array(width * height).fill(255) };
    expect(estimateForeground(image, all).data).toEqual(image.data);
  });
});
