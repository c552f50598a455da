import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { composeSmaller } from "../../../shared/planning/compose-smaller.ts";

describe("composing smaller", () => {
  test("draws in the same shape and refines in tiles that cover the working picture", () => {
    const size = fc.integer({ min: 1, max: 40 }).map((cells) => cells * 64);
    fc.assert(
      fc.property(size, size, fc.constantFrom(0.75, 0.5, 0.25), (width, height, resolution) => {
        const smaller = composeSmaller({ width, height }, resolution, { sizeMultiple: 64 });
        if (smaller === undefined) {
          expect([width, height]).toEqual([64, 64]);
          return;
        }
        const { composed, refined } = smaller;
        expect(composed.width % 64).toBe(0);
        expect(composed.width * composed.height).toBeLessThan(width * height);
        expect([refined.tileWidth, refined.tileHeight]).toEqual([composed.width, composed.height]);
        expect((refined.columns.at(-1) ?? 0) + refined.tileWidth).toBe(width);
        expect((refined.rows.at(-1) ?? 0) + refined.tileHeight).toBe(height);
        for (const [i, x] of refined.columns.slice(1).entries())
          expect(x - (refined.columns[i] ?? 0)).toBeLessThanOrEqual(refined.tileWidth);
      }),
    );
  });

  test("leaves graphs of a fixed size alone", () => {
    const fixedSize = { width: 512, height: 512 };
    expect(composeSmaller(fixedSize, 0.5, { sizeMultiple: 8, fixedSize })).toBeUndefined();
  });
});
