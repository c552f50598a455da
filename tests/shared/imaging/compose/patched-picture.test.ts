import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { layerOver } from "../../../../shared/imaging/compose/composite.ts";
import { type PatchedPicture, windowOf, withPatch } from "../../../../shared/imaging/compose/patched-picture.ts";
import { cropPremultiplied } from "../../../../shared/imaging/resample/crop-premultiplied.ts";
import type { RgbaImage } from "../../../../shared/imaging/rgba-image.ts";

const picture = (most: number): fc.Arbitrary<RgbaImage> =>
  fc
    .tuple(fc.integer({ min: 1, max: most }), fc.integer({ min: 1, max: most }))
    .chain(([width, height]) =>
      fc
        .array(fc.constantFrom(0, 40, 128, 255), { minLength: width * height * 4, maxLength: width * height * 4 })
        .map((values) => ({ width, height, data: Uint8Array.from(values) })),
    );
const patch = fc.record({
  pixels: picture(6),
  x: fc.integer({ min: -4, max: 14 }),
  y: fc.integer({ min: -4, max: 14 }),
});

describe("a picture with patches", () => {
  test("shows in every window what a painted copy shows, beyond its borders too", () => {
    const scene = picture(14).chain((source) =>
      fc.record({
        source: fc.constant(source),
        patches: fc.array(patch, { maxLength: 4 }),
        area: fc.record({
          x: fc.integer({ min: -5, max: source.width - 1 }),
          y: fc.integer({ min: -5, max: source.height - 1 }),
          width: fc.integer({ min: 6, max: 20 }),
          height: fc.integer({ min: 6, max: 20 }),
        }),
        reduce: fc.integer({ min: 1, max: 3 }),
      }),
    );
    fc.assert(
      fc.property(scene, ({ source, patches, area, reduce }) => {
        const before = Uint8Array.from(source.data);
        let patched: PatchedPicture = { source, patches: [] };
        let copied = source;
        for (const { pixels, x, y } of patches) {
          patched = withPatch(patched, pixels, { x, y });
          copied = layerOver(copied, pixels, { x, y });
        }
        const seen = windowOf(patched, area);
        expect(cropPremultiplied(seen.image, seen.area, reduce)).toEqual(cropPremultiplied(copied, area, reduce));
        expect(source.data).toEqual(before);
      }),
    );
  });

  test("copies nothing where no patch lies, and no more than the window elsewhere", () => {
    const source = { width: 100, height: 80, data: new Uint8Array(100 * 80 * 4) };
    const patched = withPatch(
      { source, patches: [] },
      { width: 3, height: 3, data: new Uint8Array(36).fill(9) },
      { x: 5, y: 5 },
    );
    expect(windowOf(patched, { x: 50, y: 40, width: 9, height: 9 }).image).toBe(source);
    expect(windowOf(patched, { x: 0, y: 0, width: 9, height: 9 }).image.data).toHaveLength(9 * 9 * 4);
  });

  test("leaves the picture it was made from as it was", () => {
    const source = { width: 4, height: 4, data: new Uint8Array(64) };
    const bare: PatchedPicture = { source, patches: [] };
    withPatch(bare, { width: 1, height: 1, data: Uint8Array.of(1, 2, 3, 255) }, { x: 0, y: 0 });
    expect(bare.patches).toEqual([]);
  });

  test("has no window beyond its borders", () => {
    const source = { width: 4, height: 4, data: new Uint8Array(64) };
    expect(() => windowOf({ source, patches: [] }, { x: 4, y: 0, width: 2, height: 2 })).toThrow(
      /beyond a picture of 4×4/,
    );
  });
});
