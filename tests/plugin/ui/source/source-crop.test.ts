import fc from "fast-check";
import { expect, test } from "vitest";
import { sourceCrop } from "../../../../plugin/ui/source/source-crop.ts";
import { fitContext } from "../../../../shared/planning/sizes/fit-context.ts";

test("sends pictures of up to 4,096² whole", () => {
  expect(sourceCrop({ width: 4_096, height: 4_096 }, { x: 10, y: 10, width: 64, height: 64 }, 8)).toBeUndefined();
});

test("sends of a 24 MP picture what a small hole needs", () => {
  const crop = sourceCrop({ width: 6_000, height: 4_000 }, { x: 3_000, y: 2_000, width: 256, height: 256 }, 16);
  expect(crop).toEqual({ x: 2_360, y: 1_360, width: 1_536, height: 1_536 });
});

test("sends the whole where the mask needs most of it", () => {
  const painted = { x: 100, y: 100, width: 5_000, height: 3_500 };
  expect(sourceCrop({ width: 6_000, height: 4_000 }, painted, 16)).toBeUndefined();
});

test("holds every context that a plan may take for the mask, at the same place", () => {
  const image = { width: 9_000, height: 7_000 };
  const hole = fc.record({
    x: fc.integer({ min: 0, max: 8_400 }),
    y: fc.integer({ min: 0, max: 6_400 }),
    width: fc.integer({ min: 1, max: 600 }),
    height: fc.integer({ min: 1, max: 600 }),
  });
  fc.assert(
    fc.property(hole, fc.integer({ min: 256, max: 1_024 }), (painted, minSide) => {
      const crop = sourceCrop(image, painted, 0);
      if (crop === undefined) throw new Error("small holes are worth a cut");
      const whole = fitContext(image, painted, minSide);
      const cut = fitContext(crop, { ...painted, x: painted.x - crop.x, y: painted.y - crop.y }, minSide);
      expect({ ...cut, x: cut.x + crop.x, y: cut.y + crop.y }).toEqual(whole);
    }),
  );
});
