import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RectIndex } from "../../../../shared/planning/holes/rect-index.ts";

describe("RectIndex", () => {
  test("finds what looking at all finds, after some were taken out", () => {
    const bounds = fc.record({
      x: fc.nat({ max: 2000 }),
      y: fc.nat({ max: 2000 }),
      width: fc.integer({ min: 1, max: 700 }),
      height: fc.integer({ min: 1, max: 700 }),
    });
    const area = bounds.map((rect) => ({ ...rect, x: rect.x - 300 }));
    fc.assert(
      fc.property(
        fc.array(fc.record({ bounds }), { maxLength: 60 }),
        area,
        fc.nat({ max: 60 }),
        (items, seen, gone) => {
          const index = new RectIndex<(typeof items)[number]>();
          for (const item of items) index.add(item);
          for (const item of items.slice(0, gone)) index.remove(item);
          const expected = items
            .slice(gone)
            .filter(
              ({ bounds: one }) =>
                one.x < seen.x + seen.width &&
                seen.x < one.x + one.width &&
                one.y < seen.y + seen.height &&
                seen.y < one.y + one.height,
            );
          const found = index.overlapping(seen);
          expect(new Set(found)).toEqual(new Set(expected));
          expect(found).toHaveLength(expected.length);
        },
      ),
    );
  });
});
