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

test("weighs colours as Pillow does", () => {
  // Image.fromarray(…).convert("L") of Pillow 13.
  expect(
    brightnessOf([255, 0, 0, 255], [0, 255, 0, 255], [0, 0, 255, 255], [10, 200, 30, 255], [255, 255, 0, 255]),
  ).toEqual([76, 150, 29, 124, 226]);
});
