import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { describeMask } from "../../../../shared/imaging/mask/describe-mask.ts";
import { distanceToMask } from "../../../../shared/imaging/mask/distance-transform.ts";

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
    expect(shape?.holes.map(({ bounds }) => bounds)).toEqual([
      { x: 3, y: 4, width: 7, height: 3 },
      { x: 150, y: 90, width: 1, height: 1 },
    ]);
  });

  test("sees the end of a soft brush", () => {
    const soft = mask(40, 1, []);
    soft.data.set([8, 60, 255, 60, 8], 10);
    expect(describeMask(soft)?.holes).toMatchObject([{ bounds: { x: 10, y: 0, width: 5, height: 1 } }]);
  });

  test("measures how much of the border is painted", () => {
    expect(describeMask({ width: 7, height: 5, data: new Uint8Array(35).fill(255) })?.borderShare).toBe(1);
    expect(describeMask(mask(7, 5, [[3, 2]]))?.borderShare).toBe(0);
    const oneSide = [0, 1, 2, 3, 4].map((y) => [0, y] as const);
    expect(describeMask(mask(7, 5, oneSide))?.borderShare).toBe(5 / 20);
  });

  describe("the width of a stroke", () => {
    const within = (inside: (x: number, y: number) => boolean, width = 200, height = 200) => {
      const data = new Uint8Array(width * height);
      for (let i = 0; i < data.length; i += 1) if (inside(i % width, Math.floor(i / width))) data[i] = 255;
      return { width, height, data };
    };
    test.each([
      ["is 1 for a dot", within((x, y) => x === 9 && y === 9), 1],
      ["is a square's side", within((x, y) => x > 20 && x <= 121 && y > 20 && y <= 121), 101],
      ["is a disc's diameter", within((x, y) => Math.hypot(x - 100, y - 100) <= 50), 101],
      ["is a line's, however long", within((x) => x >= 50 && x < 53), 3],
      ["is a line's in any direction", within((x, y) => Math.abs(0.6 * x - 0.8 * y) <= 5), 10],
      ["is that of what is seen at the picture's border", within((x) => x < 21), 21],
    ])("%s", (_, painted, expected) => {
      const [hole] = describeMask(painted)?.holes ?? [];
      expect(Math.abs((hole?.strokeWidth ?? 0) - expected)).toBeLessThan(2);
    });

    test("is twice the largest distance to the border, found by trying all", () => {
      const blobs = fc.array(
        fc.tuple(
          fc.nat({ max: 69 }),
          fc.nat({ max: 49 }),
          fc.integer({ min: 1, max: 14 }),
          fc.integer({ min: 1, max: 9 }),
        ),
        { minLength: 1, maxLength: 5 },
      );
      fc.assert(
        fc.property(blobs, (rects) => {
          const isIn = (x: number, y: number) =>
            rects.some(([left, top, width, height]) => x >= left && y >= top && x < left + width && y < top + height);
          const painted = within(isIn, 70, 50);
          // Nothing is painted around the picture.
          const outside = within(
            (x, y) => painted.data[(y - 1) * 70 + x - 1] !== 255 || x < 1 || x > 70 || y < 1 || y > 50,
            72,
            52,
          );
          const deepest = Math.max(...distanceToMask(outside.data, 72, 52));
          const widths = describeMask(painted)?.holes.map(({ strokeWidth }) => strokeWidth) ?? [];
          expect(Math.max(...widths)).toBeCloseTo(2 * deepest - 1, 4);
        }),
      );
    });
  });

  test("counts what is painted", () => {
    const painted = mask(200, 100, [
      [3, 4],
      [4, 4],
      [150, 90],
    ]);
    expect(describeMask(painted)?.holes.map(({ area }) => area)).toEqual([2, 1]);
  });

  describe("pieces", () => {
    const piecesOf = (inside: (x: number, y: number) => boolean) => {
      const data = new Uint8Array(600 * 400);
      for (let i = 0; i < data.length; i += 1) if (inside(i % 600, Math.floor(i / 600))) data[i] = 255;
      const holes = describeMask({ width: 600, height: 400, data })?.holes ?? [];
      expect(holes).toHaveLength(1);
      return holes[0]?.pieces ?? [];
    };

    test("are those of a long scratch, as thin as it is", () => {
      const pieces = piecesOf((x, y) => Math.abs(y - 20 - x / 2) < 2);
      expect(pieces.length).toBeGreaterThan(6);
      for (const { bounds, strokeWidth } of pieces) {
        expect(Math.max(bounds.width, bounds.height)).toBeLessThanOrEqual(64);
        expect(strokeWidth).toBeLessThanOrEqual(4);
      }
    });

    test("are none of a blob or a dot", () => {
      expect(piecesOf((x, y) => Math.hypot(x - 300, y - 200) < 150)).toHaveLength(1);
      expect(piecesOf((x, y) => Math.hypot(x - 300, y - 200) < 5)).toHaveLength(1);
    });

    test("tell a blob from the wire that it hangs on", () => {
      const pieces = piecesOf((x, y) => Math.hypot(x - 100, y - 200) < 80 || (Math.abs(y - 200) < 2 && x > 100));
      const wide = pieces.filter(({ strokeWidth }) => strokeWidth > 60);
      expect(wide).toMatchObject([{ bounds: { x: 21, y: 121, height: 159 } }]);
      expect(pieces.filter(({ strokeWidth }) => strokeWidth < 4).length).toBeGreaterThan(3);
    });

    test("hold every painted pixel once", () => {
      const data = Uint8Array.from({ length: 600 * 400 }, (_, i) =>
        (i % 600) % 90 < 3 || Math.floor(i / 600) % 70 < 9 ? 255 : 0,
      );
      const [hole] = describeMask({ width: 600, height: 400, data })?.holes ?? [];
      expect(hole?.pieces.reduce((sum, { area }) => sum + area, 0)).toBe(data.filter((value) => value > 0).length);
    });
  });

  test("covers every painted pixel with exactly the rectangles it needs", () => {
    const spots = fc.array(fc.tuple(fc.nat({ max: 99 }), fc.nat({ max: 59 })), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(spots, (painted) => {
        const holes = describeMask(mask(100, 60, painted))?.holes.map(({ bounds }) => bounds) ?? [];
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
