import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FloatImage } from "../../../../shared/imaging/float-image.ts";
import { centredPart, resample } from "../../../../shared/imaging/resample/resample.ts";

function picture(width: number, height: number, value: (x: number, y: number) => number): FloatImage {
  const data = new Float32Array(width * height);
  for (let y = 0; y < height; y += 1) for (let x = 0; x < width; x += 1) data[y * width + x] = value(x, y);
  return { width, height, channels: 1, data };
}

const side = fc.integer({ min: 1, max: 40 });

/** How much of each source sample is in each output sample: the antialiased cubic with a = -0.5, summing to 1. */
function kernelMatrix(sourceLength: number, start: number, extent: number, length: number): number[][] {
  const scale = extent / length;
  return Array.from({ length }, (_, i) => {
    const weights = Array.from({ length: sourceLength }, (_, j) => {
      const d = Math.abs(j + 0.5 - start - (i + 0.5) * scale) / Math.max(scale, 1);
      if (d >= 2) return 0;
      return d < 1 ? 1.5 * d ** 3 - 2.5 * d ** 2 + 1 : -0.5 * d ** 3 + 2.5 * d ** 2 - 4 * d + 2;
    });
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return weights.map((weight) => weight / sum);
  });
}

describe("resample", () => {
  test("gives back whole-pixel cuts of the same size exactly", () => {
    const part = fc.integer({ min: 0, max: 20 });
    fc.assert(
      fc.property(side, side, part, part, fc.nat(), (width, height, x, y, salt) => {
        const image = picture(x + width + y, y + height + x, (column, row) => (column * 31 + row * 17 + salt) % 256);
        const out = resample(image, { x, y, width, height }, width, height);
        expect(out).toEqual(picture(width, height, (column, row) => ((x + column) * 31 + (y + row) * 17 + salt) % 256));
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

  test("equals the kernel's definition, in every channel, at any scale and place", () => {
    const whole = fc.integer({ min: 1, max: 24 });
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const scene = fc.record({
      size: fc.tuple(whole, whole),
      to: fc.tuple(whole, whole),
      channels: fc.integer({ min: 1, max: 5 }),
      place: fc.tuple(share, share, share, share),
    });
    fc.assert(
      fc.property(scene, ({ size: [width, height], to: [newWidth, newHeight], channels, place: [x, y, w, h] }) => {
        const data = Float32Array.from({ length: width * height * channels }, (_, i) => (i * 89) % 256);
        const image = { width, height, channels, data };
        const from = { x: x * (width - 1), y: y * (height - 1), width: 0, height: 0 };
        from.width = 0.1 + w * (width - from.x - 0.1);
        from.height = 0.1 + h * (height - from.y - 0.1);
        const out = resample(image, from, newWidth, newHeight);
        const across = kernelMatrix(width, from.x, from.width, newWidth);
        const down = kernelMatrix(height, from.y, from.height, newHeight);
        for (let i = 0; i < out.data.length; i += 1) {
          const pixel = Math.floor(i / channels);
          const [column, row] = [across[pixel % newWidth]!, down[Math.floor(pixel / newWidth)]!];
          let sum = 0;
          for (let y = 0; y < height; y += 1)
            for (let x = 0; x < width; x += 1)
              sum += row[y]! * column[x]! * data[(y * width + x) * channels + (i % channels)]!;
          expect(Math.abs(out.data[i]! - sum)).toBeLessThan(1e-3); // in levels: weights and sums are float32
        }
      }),
      { numRuns: 60 },
    );
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

test("the centred part has the wanted shape, touches two opposite sides and lies in the middle", () => {
  const side = fc.integer({ min: 1, max: 5000 });
  fc.assert(
    fc.property(side, side, side, side, (width, height, wantedWidth, wantedHeight) => {
      const part = centredPart({ width, height }, { width: wantedWidth, height: wantedHeight });
      expect(part.width / part.height / (wantedWidth / wantedHeight)).toBeCloseTo(1, 9);
      expect(Math.max(part.width / width, part.height / height)).toBeCloseTo(1, 9);
      expect(part.x * 2 + part.width).toBeCloseTo(width, 6);
      expect(part.y * 2 + part.height).toBeCloseTo(height, 6);
      expect(Math.min(part.x, part.y)).toBeGreaterThanOrEqual(0);
      expect(Math.max(part.x + part.width - width, part.y + part.height - height)).toBeLessThanOrEqual(0);
    }),
  );
});
