import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anchors } from "../../../../shared/planning/extension/anchor.ts";
import { extensionForAspect } from "../../../../shared/planning/extension/extension-for-aspect.ts";
import { extensionForBounds } from "../../../../shared/planning/extension/extension-for-bounds.ts";

const side = fc.integer({ min: 1, max: 9000 });
const size = fc.record({ width: side, height: side });
const anchor = fc.constantFrom(...anchors);

describe("extensionForAspect", () => {
  test.each([
    ["wider", { width: 600, height: 400 }, { width: 16, height: 9 }, "center", [55, 56, 0, 0]],
    ["higher", { width: 600, height: 400 }, { width: 9, height: 16 }, "center", [0, 0, 333, 334]],
    ["square, the picture at the left", { width: 300, height: 400 }, { width: 1, height: 1 }, "left", [0, 100, 0, 0]],
    ["square, the picture below", { width: 400, height: 300 }, { width: 1, height: 1 }, "bottom", [0, 0, 100, 0]],
    ["what it is already", { width: 640, height: 360 }, { width: 16, height: 9 }, "center", [0, 0, 0, 0]],
  ] as const)("%s", (_, image, aspect, at, [left, right, top, bottom]) => {
    expect(extensionForAspect(image, aspect, at)).toEqual({ left, right, top, bottom });
  });

  test("reaches the aspect ratio to within a pixel, in one direction only", () => {
    const ratio = fc.record({ width: fc.integer({ min: 1, max: 21 }), height: fc.integer({ min: 1, max: 21 }) });
    fc.assert(
      fc.property(size, ratio, anchor, (image, aspect, at) => {
        const { left, right, top, bottom } = extensionForAspect(image, aspect, at);
        const [width, height] = [left + image.width + right, top + image.height + bottom];
        expect(left + right === 0 || top + bottom === 0).toBe(true);
        const isReached =
          Math.abs(width - (height * aspect.width) / aspect.height) <= 1 ||
          Math.abs(height - (width * aspect.height) / aspect.width) <= 1;
        expect(isReached).toBe(true);
      }),
    );
  });
});

describe("extensionForBounds", () => {
  test("fills the bounds exactly, never cuts, and keeps the picture at its anchor", () => {
    fc.assert(
      fc.property(size, size, anchor, (image, bounds, at) => {
        const { left, right, top, bottom } = extensionForBounds(image, bounds, at);
        expect(Math.min(left, right, top, bottom)).toBeGreaterThanOrEqual(0);
        expect(left + image.width + right).toBe(Math.max(image.width, bounds.width));
        expect(top + image.height + bottom).toBe(Math.max(image.height, bounds.height));
        if (at.includes("left")) expect(left).toBe(0);
        else if (at.includes("right")) expect(right).toBe(0);
        else expect(right - left).toBeLessThanOrEqual(1);
        if (at.includes("top")) expect(top).toBe(0);
        else if (at.includes("bottom")) expect(bottom).toBe(0);
        else expect(bottom - top).toBeLessThanOrEqual(1);
      }),
    );
  });
});
