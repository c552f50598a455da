import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { groupHoles, type HolesCost } from "../../../../shared/planning/holes/group-holes.ts";
import type { PixelRect } from "../../../../shared/protocol/geometry.ts";
import { solidHole } from "../../../support/solid-hole.ts";

/** A model of 128 px that sees half as much around a dot and loses detail beyond. */
function costOf({ width, height }: PixelRect): HolesCost {
  const context = Math.max(width + 32, height + 32, 64);
  return { work: 128 * 128, detail: Math.min(1, 128 / context), span: Math.max(128, context) };
}

const rect = (x: number, y: number, width = 10, height = 10): PixelRect => ({ x, y, width, height });
const group = (rects: readonly PixelRect[]) =>
  groupHoles(rects.map(solidHole), { mayCut: false, costOf }).map(({ bounds }) => bounds);
const holds = (outer: PixelRect, inner: PixelRect): boolean =>
  outer.x <= inner.x &&
  outer.y <= inner.y &&
  outer.x + outer.width >= inner.x + inner.width &&
  outer.y + outer.height >= inner.y + inner.height;
const workOf = (groups: readonly PixelRect[]): number => groups.reduce((sum, bounds) => sum + costOf(bounds).work, 0);
const detailOf = (groups: readonly PixelRect[], hole: PixelRect): number => {
  const around = groups.filter((bounds) => holds(bounds, hole));
  expect(around).toHaveLength(1);
  return around.reduce((_, bounds) => costOf(bounds).detail, 0);
};

/** Specks all over 24 megapixels, none overlapping another. */
function specks(count: number): PixelRect[] {
  return Array.from({ length: count }, (_, k) => rect((k * 7919) % 5990, ((k * 104_729) % 399) * 10));
}

describe("grouping holes", () => {
  test("joins neighbours that one run shows as well, and leaves far ones alone", () => {
    expect(group([rect(500, 500), rect(550, 520), rect(5000, 3000)])).toEqual([
      rect(500, 500, 60, 30),
      rect(5000, 3000),
    ]);
  });

  test("joins what overlaps at any price", () => {
    expect(group([rect(0, 0, 900, 900), rect(890, 890, 900, 900)])).toEqual([rect(0, 0, 1790, 1790)]);
  });

  test("keeps a hair out of the masks of a blob beside it", () => {
    const blob = solidHole(rect(0, 0, 70, 70));
    const hair = { ...solidHole(rect(75, 0, 10, 70)), strokeWidth: 2 };
    expect(groupHoles([blob, hair], { mayCut: false, costOf })).toHaveLength(2);
  });

  test("does not unite two far corners however many holes there are", () => {
    for (const count of [2, 48, 49, 500, 5000]) {
      const groups = group(specks(count));
      expect(Math.min(...groups.map((bounds) => costOf(bounds).detail))).toBe(1);
      expect(workOf(groups)).toBeLessThanOrEqual(count * costOf(rect(0, 0)).work);
    }
  });

  test("takes thousands of holes in a moment, dense or sparse", () => {
    const dense = Array.from({ length: 5000 }, (_, k) => rect((k % 100) * 17, Math.floor(k / 100) * 17, 8, 8));
    const started = performance.now();
    const groups = group(dense);
    expect(performance.now() - started).toBeLessThan(5000);
    // 96 px are seen at full detail: five specks of a row, at least.
    expect(groups.length).toBeLessThan(5000 / 12);
  });

  const holes = fc.array(
    fc
      .tuple(
        fc.nat({ max: 1200 }),
        fc.nat({ max: 900 }),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 60 }),
      )
      .map(([x, y, width, height]) => rect(x, y, width, height)),
    { minLength: 1, maxLength: 40 },
  );
  const overlap = (a: PixelRect, b: PixelRect): boolean =>
    a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

  test("covers every hole once, by disjoint rectangles, the same every time", () => {
    fc.assert(
      fc.property(holes, (rects) => {
        const groups = group(rects);
        for (const hole of rects) detailOf(groups, hole);
        for (const [i, one] of groups.entries())
          for (const other of groups.slice(i + 1)) expect(overlap(one, other)).toBe(false);
        expect(group(rects)).toEqual(groups);
      }),
    );
  });

  test("never takes more work than drawing each apart, nor shows less, unless they overlap", () => {
    fc.assert(
      fc.property(holes, (rects) => {
        const apart = rects.filter((one, i) => !rects.some((other, j) => j < i && overlap(one, other)));
        const groups = group(apart);
        expect(workOf(groups)).toBeLessThanOrEqual(workOf(apart));
        for (const hole of apart) expect(detailOf(groups, hole)).toBeGreaterThanOrEqual(costOf(hole).detail);
      }),
    );
  });

  test("lowers no hole's detail for one more speck beside it", () => {
    fc.assert(
      fc.property(holes, fc.nat({ max: 1200 }), fc.nat({ max: 900 }), (rects, x, y) => {
        const apart = rects.filter((one, i) => !rects.some((other, j) => j < i && overlap(one, other)));
        const speck = rect(x, y, 3, 3);
        fc.pre(!apart.some((one) => overlap(one, speck)));
        const groups = group([...apart, speck]);
        for (const hole of apart) expect(detailOf(groups, hole)).toBeGreaterThanOrEqual(detailOf(group(apart), hole));
      }),
      { numRuns: 50 },
    );
  });
});
