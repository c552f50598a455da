import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { layerOver } from "../../../../shared/imaging/compose/composite.ts";
import type { RgbaImage } from "../../../../shared/imaging/rgba-image.ts";

const sized = (width: number, height: number) =>
  fc
    .uint8Array({ minLength: width * height * 4, maxLength: width * height * 4 })
    .map((data): RgbaImage => ({ width, height, data }));
const side = fc.integer({ min: 1, max: 9 });
const image = fc.tuple(side, side).chain(([width, height]) => sized(width, height));
const place = fc.record({ x: fc.integer({ min: -12, max: 12 }), y: fc.integer({ min: -12, max: 12 }) });

describe("layerOver", () => {
  test("keeps every pixel under alpha 0, and beyond the layer, bit-identical", () => {
    fc.assert(
      fc.property(image, image, place, (base, layer, at) => {
        const out = layerOver(base, layer, at);
        expect([out.width, out.height]).toEqual([base.width, base.height]);
        for (let y = 0; y < base.height; y += 1) {
          for (let x = 0; x < base.width; x += 1) {
            const inside = x >= at.x && y >= at.y && x < at.x + layer.width && y < at.y + layer.height;
            const alpha = inside ? layer.data[((y - at.y) * layer.width + (x - at.x)) * 4 + 3] : 0;
            if (alpha !== 0) continue;
            const i = (y * base.width + x) * 4;
            expect(out.data.slice(i, i + 4)).toEqual(base.data.slice(i, i + 4));
          }
        }
      }),
    );
  });

  test("shows an opaque layer as it is", () => {
    const base: RgbaImage = { width: 2, height: 1, data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) };
    const layer: RgbaImage = { width: 1, height: 1, data: Uint8Array.of(200, 100, 50, 255) };
    expect([...layerOver(base, layer, { x: 1, y: 0 }).data]).toEqual([1, 2, 3, 4, 200, 100, 50, 255]);
  });

  test("mixes by alpha over an opaque base", () => {
    const base: RgbaImage = { width: 1, height: 1, data: Uint8Array.of(0, 100, 200, 255) };
    const layer: RgbaImage = { width: 1, height: 1, data: Uint8Array.of(255, 0, 200, 51) };
    expect([...layerOver(base, layer, { x: 0, y: 0 }).data]).toEqual([51, 80, 200, 255]);
  });
});
