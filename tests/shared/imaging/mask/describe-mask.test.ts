import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { describeMask } from "../../../../shared/imaging/mask/describe-mask.ts";

function mask(width: number, height: number, painted: readonly (readonly [x: number, y: number])[]) {
  const data = new Uint8Array(width * height);
  for (const [x, y] of painted) data[y * width + x] = 255;
  return { width, height, data };
}

describe("describeMask", () => {
  test("finds nothing in an empty mask, nor in the noise of a compressed one", () => {
    expect(describeMask(mask(9, 9, []))).toBeUndefined();
    expect(describeMask({ width: 2, height: 1, data: Uint8Array.of(7, 3) })).toBeUndefined();
  });

  test("tells holes apart and gives their exact rectangles", () => {
    const shape = describeMask(
      mask(200, 100, [
        [3, 4],
        [9, 6],
        [150, 90],
      ]),
    );
    expect(shape?.holes).toEqual([
      { x: 3, y: 4, width: 7, height: 3 },
      { x: 150, y: 90, width: 1, height: 1 },
    ]);
  });

  test("sees the end of a soft brush", () => {
    const soft = mask(40, 1, []);
    soft.data.set([8, 60, 255, 60, 8], 10);
    expect(describeMask(soft)?.holes).toEqual([{ x: 10, y: 0, width: 5, height: 1 }]);
  });

  test("measures how much of the border is painted", () => {
    expect(describeMask({ width: 7, height: 5, data: new Uint8Array(35).fill(255) })?.borderShare).toBe(1);
    expect(describeMask(mask(7, 5, [[3, 2]]))?.borderShare).toBe(0);
    const oneSide = [0, 1, 2, 3, 4].map((y) => [0, y] as const);
    expect(describeMask(mask(7, 5, oneSide))?.borderShare).toBe(5 / 20);
  });

  test("covers every painted pixel with exactly the rectangles it needs", () => {
    const spots = fc.array(fc.tuple(fc.nat({ max: 99 }), fc.nat({ max: 59 })), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(spots, (painted) => {
        const holes = describeMask(mask(100, 60, painted))?.holes ?? [];
        const covering = ([x, y]: readonly [number, number]) =>
          holes.filter((hole) => x >= hole.x && y >= hole.y && x < hole.x + hole.width && y < hole.y + hole.height);
        for (const spot of painted) expect(covering(spot).length).toBeGreaterThan(0);
        for (const hole of holes) {
          const inside = painted.filter((spot) => covering(spot).includes(hole));
          expect(Math.min(...inside.map(([x]) => x))).toBe(hole.x);
          expect(Math.max(...inside.map(([, y]) => y))).toBe(hole.y + hole.height - 1);
        }
      }),
    );
  });
});
