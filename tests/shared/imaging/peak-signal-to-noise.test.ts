import { expect, test } from "vitest";
import { peakSignalToNoise } from "../../../shared/imaging/peak-signal-to-noise.ts";

const picture = (...data: readonly number[]) => ({ width: data.length / 4, height: 1, data: Uint8Array.from(data) });

test("is 10 · log10(255² / mean squared error) over the colours of all pictures", () => {
  const a = picture(10, 20, 30, 255, 0, 0, 0, 255);
  const b = picture(16, 20, 30, 255, 0, 0, 0, 0); // opacity is not compared
  expect(peakSignalToNoise([[a, b]])).toBeCloseTo(10 * Math.log10(255 ** 2 / (36 / 6)), 10);
  expect(
    peakSignalToNoise([
      [a, b],
      [a, a],
    ]),
  ).toBeCloseTo(10 * Math.log10(255 ** 2 / (36 / 12)), 10);
});

test("has no end where nothing differs, and none for other sizes", () => {
  const a = picture(1, 2, 3, 4);
  expect(peakSignalToNoise([[a, a]])).toBe(Number.POSITIVE_INFINITY);
  expect(() => peakSignalToNoise([[a, picture()]])).toThrow(RangeError);
});
