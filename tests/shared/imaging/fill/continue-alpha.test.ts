import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { continueAlpha } from "../../../../shared/imaging/fill/continue-alpha.ts";
import type { GrayImage, RgbaImage } from "../../../../shared/imaging/rgba-image.ts";

const size = { width: 24, height: 16 };
const all = { x: 0, y: 0, ...size };

function picture(alphaAt: (x: number, y: number) => number): RgbaImage {
  const data = new Uint8Array(size.width * size.height * 4);
  for (let pixel = 0; pixel < size.width * size.height; pixel += 1)
    data[pixel * 4 + 3] = alphaAt(pixel % size.width, Math.floor(pixel / size.width));
  return { ...size, data };
}

function maskOf(isPainted: (x: number, y: number) => boolean): GrayImage {
  const data = new Uint8Array(size.width * size.height);
  for (let pixel = 0; pixel < data.length; pixel += 1)
    data[pixel] = isPainted(pixel % size.width, Math.floor(pixel / size.width)) ? 255 : 0;
  return { ...size, data };
}

const inMiddle = (x: number, y: number) => x >= 6 && x < 18 && y >= 4 && y < 12;

describe("continueAlpha", () => {
  test("nothing around leads to nothing, whatever was there", () => {
    const image = picture((x, y) => (inMiddle(x, y) ? 255 : 0));
    expect(new Set(continueAlpha(image, maskOf(inMiddle), all))).toEqual(new Set([0]));
  });

  test("an opaque surrounding leads to an opaque hole", () => {
    const image = picture((x, y) => (inMiddle(x, y) ? 0 : 255));
    expect(new Set(continueAlpha(image, maskOf(inMiddle), all))).toEqual(new Set([255]));
  });

  test("a cut-out's straight edge goes on, crisp", () => {
    const image = picture((x, y) => (inMiddle(x, y) ? 77 : x < 12 ? 255 : 0));
    const alpha = continueAlpha(image, maskOf(inMiddle), all);
    for (let y = 4; y < 12; y += 1) {
      const row = alpha.slice(y * size.width, (y + 1) * size.width);
      const between = row.filter((value) => value > 0 && value < 255).length;
      expect(between).toBeLessThanOrEqual(2);
      const edge = row.findIndex((value) => value < 128);
      expect(Math.abs(edge - 12)).toBeLessThanOrEqual(2);
    }
  });

  test("a soft shadow stays soft", () => {
    const image = picture((x) => 20 + x * 8);
    const alpha = continueAlpha(image, maskOf(inMiddle), all);
    for (let y = 4; y < 12; y += 1)
      for (let x = 6; x < 18; x += 1) expect(Math.abs(alpha[y * size.width + x]! - (20 + x * 8))).toBeLessThan(24);
  });

  test("keeps the picture's own opacity where the mask covers everything", () => {
    const image = picture((x, y) => (x * 11 + y * 7) & 255);
    const own = image.data.filter((_, i) => i % 4 === 3);
    expect([
      ...continueAlpha(
        image,
        maskOf(() => true),
        all,
      ),
    ]).toEqual([...own]);
  });

  test("never changes a pixel that the mask does not cover", () => {
    const pixels = size.width * size.height;
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: pixels, maxLength: pixels }),
        fc.uint8Array({ minLength: pixels, maxLength: pixels }),
        (alphas, values) => {
          const mask = { ...size, data: values.map((value) => (value < 128 ? 0 : value)) };
          const continued = continueAlpha(
            picture((x, y) => alphas[y * size.width + x]!),
            mask,
            all,
          );
          for (let i = 0; i < pixels; i += 1) if (mask.data[i] === 0) expect(continued[i]).toBe(alphas[i]);
        },
      ),
      { numRuns: 50 },
    );
  });
});
