import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { distanceToMask } from "../../../../shared/imaging/mask/distance-transform.ts";

describe("distanceToMask", () => {
  test("equals the nearest painted pixel found by trying all", () => {
    const masks = fc
      .tuple(fc.integer({ min: 1, max: 14 }), fc.integer({ min: 1, max: 14 }))
      .chain(([width, height]) =>
        fc.tuple(
          fc.constant(width),
          fc.constant(height),
          fc.array(
            fc.integer({ min: 0, max: 5 }).map((n) => (n === 0 ? 1 : 0)),
            {
              minLength: width * height,
              maxLength: width * height,
            },
          ),
        ),
      )
      .filter(([, , mask]) => mask.includes(1));
    fc.assert(
      fc.property(masks, ([width, height, mask]) => {
        const distance = distanceToMask(mask, width, height);
        for (let i = 0; i < mask.length; i += 1) {
          let nearest = Number.POSITIVE_INFINITY;
          for (let j = 0; j < mask.length; j += 1) {
            if (mask[j] !== 1) continue;
            nearest = Math.min(
              nearest,
              Math.hypot((i % width) - (j % width), Math.floor(i / width) - Math.floor(j / width)),
            );
          }
          expect(distance[i]).toBeCloseTo(nearest, 4);
        }
      }),
    );
  });

  test("counts as inside what reaches the wanted value", () => {
    expect([...distanceToMask([0, 100, 200], 3, 1)]).toEqual([1, 0, 0]);
    expect([...distanceToMask([0, 100, 200], 3, 1, 100)]).toEqual([1, 0, 0]);
    expect([...distanceToMask([0, 100, 200], 3, 1, 101)]).toEqual([2, 1, 0]);
  });

  test("is far everywhere when nothing is painted", () => {
    for (const value of distanceToMask(new Uint8Array(12), 4, 3)) expect(value).toBeGreaterThanOrEqual(1e6);
  });
});
