import { describe, expect, test } from "vitest";
import { prepareContext } from "../../../../shared/editing/context/prepare-context.ts";
import type { PixelRect } from "../../../../shared/protocol/geometry.ts";

const plan = (context: PixelRect, width: number, height: number) => ({ context, working: { width, height } });

describe("prepareContext", () => {
  test("gives the model the source's own pixels at the source's own size", () => {
    const data = Uint8Array.from({ length: 6 * 4 * 4 }, (_, i) => (i % 4 === 3 ? 255 : (i * 37) % 256));
    const out = prepareContext({ width: 6, height: 4, data }, plan({ x: 1, y: 1, width: 4, height: 2 }, 4, 2));
    const cut = [7, 8, 9, 10, 13, 14, 15, 16].flatMap((pixel) => [...data.slice(pixel * 4, pixel * 4 + 3)]);
    expect([...out.data]).toEqual(cut);
  });

  test("keeps a large picture in place when it shrinks it", () => {
    const data = new Uint8Array(100 * 60 * 4).fill(255);
    for (let i = 0; i < 6000; i += 1) data[i * 4] = (i % 100) * 2;
    const out = prepareContext({ width: 100, height: 60, data }, plan({ x: 3, y: 0, width: 90, height: 60 }, 9, 6));
    // Each output pixel covers ten columns; its red is their mean, twice the mean column.
    for (let x = 1; x < 8; x += 1) expect(out.data[x * 3]).toBeCloseTo(2 * (3 + x * 10 + 4.5), 0);
  });

  test("repeats the border beyond the image", () => {
    const data = Uint8Array.of(10, 20, 30, 255, 200, 100, 50, 255);
    const out = prepareContext({ width: 2, height: 1, data }, plan({ x: 0, y: -1, width: 2, height: 3 }, 2, 3));
    expect([...out.data]).toEqual([10, 20, 30, 200, 100, 50, 10, 20, 30, 200, 100, 50, 10, 20, 30, 200, 100, 50]);
  });

  test("never shows the model colours that lie hidden under full transparency", () => {
    const data = Uint8Array.from({ length: 8 * 8 }, (_, pixel) => pixel).reduce(
      (out, pixel) => {
        const isClear = pixel % 8 >= 4;
        out.set(isClear ? [0, 255, 0, 0] : [200, 40, 90, 255], pixel * 4);
        return out;
      },
      new Uint8Array(8 * 8 * 4),
    );
    for (const side of [8, 4, 16]) {
      const out = prepareContext({ width: 8, height: 8, data }, plan({ x: 0, y: 0, width: 8, height: 8 }, side, side));
      for (let i = 0; i < out.data.length; i += 3) {
        expect(out.data[i]).toBeCloseTo(200, 0);
        expect(out.data[i + 1]).toBeCloseTo(40, 0);
        expect(out.data[i + 2]).toBeCloseTo(90, 0);
      }
    }
  });
});
