import { decode } from "fast-png";
import { expect, test } from "vitest";
import { cutLayer } from "../../../../plugin/ui/pixels/cut-layer.ts";
import { readPngText, withPngText } from "../../../../shared/imaging/metadata/png-metadata.ts";
import { pngOf } from "../support/pictures.ts";

const layer = { x: 100, y: 50, width: 40, height: 30 };
const recipe = { keyword: "overpaint", text: '{"seed":7}' };
const png = withPngText(
  pngOf(40, 30, (x, y) => [x, y, x ^ y, (x * y) % 256]),
  [recipe],
);

test("leaves a layer alone that lies inside the visible part", () => {
  expect(cutLayer(png, layer, { x: 0, y: 0, width: 500, height: 500 })).toEqual({ png, layer });
});

test("cuts to the visible part without changing a pixel, hidden colours included", () => {
  const cut = cutLayer(png, layer, { x: 90, y: 60, width: 30, height: 100 });
  expect(cut.layer).toEqual({ x: 100, y: 60, width: 20, height: 20 });
  const whole = decode(png);
  const part = decode(cut.png);
  expect([part.width, part.height]).toEqual([20, 20]);
  for (let y = 0; y < 20; y++) {
    const start = (y + 10) * 40 * 4;
    expect([...part.data.subarray(y * 80, y * 80 + 80)]).toEqual([...whole.data.subarray(start, start + 80)]);
  }
});

test("keeps the recipe in the cut file", () => {
  const cut = cutLayer(png, layer, { x: 90, y: 60, width: 30, height: 100 });
  expect(readPngText(cut.png)).toEqual([recipe]);
});

test("refuses a layer of which nothing shows", () => {
  expect(() => cutLayer(png, layer, { x: 0, y: 0, width: 100, height: 50 })).toThrow("crops away");
});
