import { expect, test } from "vitest";
import { holdBrightness } from "../../../../shared/imaging/colour/hold-brightness.ts";
import type { FloatImage } from "../../../../shared/imaging/float-image.ts";
import { resample } from "../../../../shared/imaging/resample/resample.ts";

function picture(width: number, height: number, value: (x: number, y: number) => number): FloatImage {
  const data = new Float32Array(width * height * 3);
  for (let i = 0; i < data.length; i++) {
    const pixel = Math.floor(i / 3);
    data[i] = value(pixel % width, Math.floor(pixel / width)) + (i % 3);
  }
  return { width, height, channels: 3, data };
}

const mean = ({ data }: FloatImage): number => data.reduce((sum, value) => sum + value, 0) / data.length;

test("takes a drift of brightness back exactly", () => {
  const source = picture(16, 12, (x) => 100 + 4 * x);
  const exact = resample(source, { x: 0, y: 0, width: 16, height: 12 }, 64, 48);
  const drifted = { ...exact, data: exact.data.map((value) => value + 9) };
  for (const cell of [1, 4]) expect(mean(holdBrightness(drifted, source, cell))).toBeCloseTo(mean(exact), 1);
});

test("leaves what is finer than a cell to whoever drew it", () => {
  const source = picture(32, 32, () => 100);
  const detailed = picture(64, 64, (x) => 100 + (x % 2 === 0 ? 30 : -30));
  const held = holdBrightness(detailed, source, 8);
  for (const [i, value] of held.data.entries()) expect(Math.abs(value - detailed.data[i]!)).toBeLessThan(1);
});

test("brings a difference within a tile back, not only its mean", () => {
  const source = picture(32, 8, () => 100);
  const tilted = picture(128, 32, (x) => 80 + (40 * x) / 127);
  const held = holdBrightness(tilted, source, 4);
  for (const x of [8, 64, 120]) expect(held.data[(16 * 128 + x) * 3]).toBeCloseTo(100, 0);
});

test("works on a single pixel", () => {
  const held = holdBrightness(
    picture(4, 4, () => 7),
    picture(1, 1, () => 50),
    4,
  );
  expect(held.data[0]).toBeCloseTo(50, 3);
});
