import fc from "fast-check";
import { expect, test } from "vitest";
import { opaqueWindow } from "../../../../shared/imaging/fill/opaque-window.ts";
import type { RgbaImage } from "../../../../shared/imaging/rgba-image.ts";

/** A blue disc of radius 5 in the middle; transparent green around it. */
function disc(): RgbaImage {
  const data = new Uint8Array(30 * 30 * 4);
  for (let i = 0; i < 900; i++) {
    const isInside = Math.hypot((i % 30) - 15, Math.floor(i / 30) - 15) < 5;
    data.set(isInside ? [0, 0, 200 + (i % 3), 255] : [0, 255, 0, 0], i * 4);
  }
  return { width: 30, height: 30, data };
}

test("repeats the border beyond the picture", () => {
  const image = { width: 2, height: 1, data: Uint8Array.of(1, 2, 3, 255, 4, 5, 6, 255) };
  const window = opaqueWindow(image, { x: -2, y: -1, width: 6, height: 2 }, 3);
  const row = [1, 2, 3, 1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6, 4, 5, 6];
  expect([...window.data]).toEqual([...row, ...row]);
});

test("bleeds visible colours under transparent pixels, as far as asked, and never hidden ones", () => {
  const window = opaqueWindow(disc(), { x: 0, y: 0, width: 30, height: 30 }, 6);
  const at = (x: number, y: number): number[] => [...window.data.slice((y * 30 + x) * 3, (y * 30 + x) * 3 + 3)];
  expect(at(15, 15)).toEqual([0, 0, disc().data[(15 * 30 + 15) * 4 + 2]]);
  expect(at(15, 6)[2]).toBeGreaterThan(199);
  expect(at(0, 0)).toEqual([127.5, 127.5, 127.5]);
  for (let i = 0; i < 900; i++) expect([0, 127.5]).toContain(window.data[i * 3 + 1]);
});

test("overlapping windows agree wherever the bleed reaches", () => {
  const image = disc();
  const whole = opaqueWindow(image, { x: 0, y: 0, width: 30, height: 30 }, 8);
  const areas = fc.record({
    x: fc.integer({ min: 0, max: 20 }),
    y: fc.integer({ min: 0, max: 20 }),
    width: fc.integer({ min: 1, max: 10 }),
    height: fc.integer({ min: 1, max: 10 }),
  });
  fc.assert(
    fc.property(areas, (area) => {
      const window = opaqueWindow(image, area, 8);
      for (let i = 0; i < window.data.length; i++) {
        const pixel = Math.floor(i / 3);
        const x = area.x + (pixel % area.width);
        const y = area.y + Math.floor(pixel / area.width);
        expect(window.data[i]).toBe(whole.data[(y * 30 + x) * 3 + (i % 3)]);
      }
    }),
  );
});
