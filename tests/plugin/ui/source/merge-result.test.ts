import fc from "fast-check";
import { expect, test } from "vitest";
import { maskUnder } from "../../../../plugin/ui/masks/mask-under.ts";
import { extendedPicture, mergeResult } from "../../../../plugin/ui/source/merge-result.ts";
import { padLayer } from "../../../../plugin/ui/source/pad-layer.ts";

const byte = fc.integer({ min: 0, max: 255 });
const place = { x: 1, y: 1, width: 1, height: 1 };

function merged(picture: readonly number[], layer: readonly number[], mask: number): number[] {
  const image = { width: 3, height: 3, data: new Uint8Array(36) };
  image.data.set(picture, 16);
  mergeResult(image, { width: 1, height: 1, data: Uint8Array.from(layer) }, place, {
    width: 1,
    height: 1,
    data: Uint8Array.of(mask),
  });
  return [...image.data.subarray(16, 20)];
}

test("removes down to nothing where the result is nothing", () => {
  expect(merged([10, 200, 30, 255], [0, 0, 0, 0], 255)).toEqual([0, 0, 0, 0]);
});

test("is the result wherever the mask is white", () => {
  fc.assert(
    fc.property(byte, byte, byte, fc.integer({ min: 1, max: 255 }), byte, (r, g, b, alpha, own) => {
      expect(merged([1, 2, 3, own], [r, g, b, alpha], 255)).toEqual([r, g, b, alpha]);
    }),
  );
});

test("takes away as much as the mask says", () => {
  // The layer holds nothing; of the picture's opacity, three fifths stay.
  expect(merged([10, 20, 30, 200], [0, 0, 0, 0], 102)).toEqual([10, 20, 30, 120]);
});

test("only adds beside the mask", () => {
  expect(merged([10, 20, 30, 255], [0, 0, 0, 0], 0)).toEqual([10, 20, 30, 255]);
  expect(merged([0, 0, 0, 255], [255, 255, 255, 51], 0)).toEqual([51, 51, 51, 255]);
});

test("finds the mask under a layer across tiles", () => {
  const tile = (value: number) => new Uint8Array(256 * 256).fill(value);
  const mask = {
    size: { width: 400, height: 100 },
    columns: 2,
    tiles: [
      { index: 0, pixels: tile(7) },
      { index: 1, pixels: tile(9) },
    ],
  };
  const { data } = maskUnder(mask, { x: 254, y: 10, width: 4, height: 2 });
  expect([...data]).toEqual([7, 7, 9, 9, 7, 7, 9, 9]);
});

test("pads a layer to the whole picture, and cuts what reaches beyond it", () => {
  const layer = { width: 2, height: 2, data: Uint8Array.from({ length: 16 }, (_, i) => i + 1) };
  const { width, height, data } = padLayer(layer, { x: 2, y: -1, width: 2, height: 2 }, { width: 3, height: 2 });
  expect([width, height]).toEqual([3, 2]);
  expect([...data]).toEqual([...new Array(8).fill(0), 9, 10, 11, 12, ...new Array(12).fill(0)]);
});

test("lays a picture over its extension and cuts both to what is to show", () => {
  const plain = (width: number, height: number, value: number) => ({
    width,
    height,
    data: new Uint8Array(width * height * 4).fill(255).map((_, i) => (i % 4 === 3 ? 255 : value)),
  });
  const frame = { x: -2, y: 0, width: 4, height: 2 };
  const { width, height, data } = extendedPicture(plain(3, 3, 10), plain(6, 3, 90), { x: -3, y: 0 }, frame);
  const reds = Array.from({ length: 8 }, (_, i) => data[i * 4]);
  expect([width, height, reds]).toEqual([4, 2, [90, 90, 10, 10, 90, 90, 10, 10]]);
});
