import { describe, expect, it } from "vitest";
import { requireVisibleBorders } from "../../../../shared/editing/edits/require-visible-borders.ts";
import type { RgbaImage } from "../../../../shared/imaging/rgba-image.ts";

const WIDTH = 5;
const HEIGHT = 4;

/** Transparent but for one pixel. */
function pictureWith(x: number, y: number): RgbaImage {
  const data = new Uint8Array(WIDTH * HEIGHT * 4);
  data[(y * WIDTH + x) * 4 + 3] = 1;
  return { width: WIDTH, height: HEIGHT, data };
}

const sides = {
  left: { x: -3, y: 0, width: WIDTH + 3, height: HEIGHT },
  top: { x: 0, y: -3, width: WIDTH, height: HEIGHT + 3 },
  right: { x: 0, y: 0, width: WIDTH + 3, height: HEIGHT },
  bottom: { x: 0, y: 0, width: WIDTH, height: HEIGHT + 3 },
} as const;

describe("extending a cut-out", () => {
  it.each([
    ["left", 0, 2],
    ["top", 2, 0],
    ["right", WIDTH - 1, 2],
    ["bottom", 2, HEIGHT - 1],
  ] as const)("to the %s needs something to show on that border", (side, x, y) => {
    expect(() => requireVisibleBorders(pictureWith(x, y), sides[side])).not.toThrow();
    expect(() => requireVisibleBorders(pictureWith(2, 2), sides[side])).toThrow("nothing of the extension would show");
  });

  it.each([
    ["left", WIDTH - 1, 2],
    ["top", 2, HEIGHT - 1],
    ["right", 0, 2],
    ["bottom", 2, 0],
  ] as const)("to the %s is not helped by the border opposite", (side, x, y) => {
    expect(() => requireVisibleBorders(pictureWith(x, y), sides[side])).toThrow("nothing of the extension would show");
  });

  it("on several sides needs one of them to show", () => {
    const around = { x: -1, y: -1, width: WIDTH + 2, height: HEIGHT + 2 };
    expect(() => requireVisibleBorders(pictureWith(WIDTH - 1, 1), around)).not.toThrow();
  });
});
