import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FloatImage } from "../../../shared/imaging/float-image.ts";
import { resample } from "../../../shared/imaging/resample.ts";

function picture(width: number, height: number, value: (x: number, y: number) => number): FloatImage {
  const data = new Float32Array(width * height);
  for (let y = 0; y < height; y += 1) for (let x = 0; x < width; x += 1) data[y * width + x] = value(x, y);
  return { width, height, channels: 1, data };
}

const side = fc.integer({ min: 1, max: 40 });

describe("resample", () => {
  test("gives back whole-pixel cuts of the same size exactly", () => {
    fc.assert(
      fc.property(side, side, fc.nat(), (width, height, salt) => {
        const image = picture(width, height, (x, y) => (x * 31 + y * 17 + salt) % 256);
        const out = resample(image, { x: 0, y: 0, width, height }, width, height);
        expect(out.data).toEqual(image.data);
      }),
    );
  });

  test("keeps a flat picture flat at any scale", () => {
    fc.assert(
      fc.property(side, side, side, side, (width, height, newWidth, newHeight) => {
        const out = resample(
          picture(width, height, () => 100),
          { x: 0, y: 0, width, height },
          newWidth,
          newHeight,
        );
        for (const value of out.data) expect(value).toBeCloseTo(100, 2);
      }),
    );
  });

  test("keeps a gradient in place when shrinking: no shift by half a pixel", () => {
    const ramp = picture(64, 4, (x) => x + 0.5);
    const half = resample(ramp, { x: 0, y: 0, width: 64, height: 4 }, 32, 4);
    // Output sample i covers source 2i..2i+2, whose centre is 2i+1.
    for (let i = 4; i < 28; i += 1) expect(half.data[i]).toBeCloseTo(2 * i + 1, 3);
  });

  test("averages instead of skipping when shrinking a fine checkerboard", () => {
    const board = picture(64, 64, (x, y) => ((x + y) % 2) * 255);
    const small = resample(board, { x: 0, y: 0, width: 64, height: 64 }, 8, 8);
    for (const value of small.data) expect(Math.abs(value - 127.5)).toBeLessThan(4);
  });

  test("equals PIL's BICUBIC over a box with fractional edges", () => {
    // Pillow 13.0: a[y, x] = (37x + 91y) % 256, 9 by 7, mode "F", resize((5, 4), BICUBIC, box=(1.5, 0.25, 8.5, 6.0))
    const image = picture(9, 7, (x, y) => (x * 37 + y * 91) % 256);
    const out = resample(image, { x: 1.5, y: 0.25, width: 7, height: 5.75 }, 5, 4);
    const expected = [
      [106.5412, 168.77341, 150.91721, 118.2911, 60.179],
      [94.3358, 84.2493, 116.1392, 127.1195, 164.4988],
      [118.4297, 146.1673, 111.7182, 156.962, 70.5237],
      [123.671, 92.2192, 80.2076, 119.1268, 181.4772],
    ].flat();
    for (const [i, value] of expected.entries()) expect(out.data[i]).toBeCloseTo(value, 2);
  });
});
