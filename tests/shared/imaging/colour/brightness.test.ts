import { expect, test } from "vitest";
import { brightness } from "../../../../shared/imaging/colour/brightness.ts";

/** One row. */
function brightnessOf(...pixels: readonly (readonly [number, number, number, number])[]): readonly number[] {
  return [...brightness({ width: pixels.length, height: 1, data: Uint8Array.from(pixels.flat()) }).data];
}

test("keeps every opaque grey exactly", () => {
  const greys = Array.from({ length: 256 }, (_, value) => value);
  expect(brightnessOf(...greys.map((value) => [value, value, value, 255] as const))).toEqual(greys);
});

test("counts white only as far as it shows", () => {
  expect(brightnessOf([255, 255, 255, 0], [255, 255, 255, 128], [200, 200, 200, 51])).toEqual([0, 128, 40]);
});

test("weighs colours by the light they give", () => {
  // 0.2126, 0.7152 and 0.0722 of the light of white, in sRGB's transfer curve.
  expect(brightnessOf([255, 0, 0, 255], [0, 255, 0, 255], [0, 0, 255, 255])).toEqual([127, 220, 76]);
});
