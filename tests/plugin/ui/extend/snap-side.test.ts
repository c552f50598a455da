import fc from "fast-check";
import { expect, test } from "vitest";
import { noSides } from "../../../../plugin/ui/extend/extension.ts";
import { snapSide } from "../../../../plugin/ui/extend/snap-side.ts";

const part = { x: 0, y: 0, width: 480, height: 320 };
const motion = { part, sides: noSides, side: "right", board: undefined } as const;

test.each([
  ["a format", motion, 86, 89],
  ["a format with the sides that are there", { ...motion, sides: { ...noSides, left: 40 } }, 51, 49],
  ["a format downward", { ...motion, side: "bottom" }, 157, 160],
  ["the picture's own border", motion, 3, 0],
  ["its own border from inside", motion, -30, 0],
  ["the board's border", { ...motion, board: { x: -10, y: 0, width: 700, height: 320 } }, 207, 210],
] as const)("comes to rest at %s", (_, moved, length, rest) => {
  expect(snapSide(moved, length, 4)).toBe(rest);
});

test("goes everywhere else on whole pixels, and anywhere when nothing is in reach", () => {
  expect(snapSide(motion, 70.4, 4)).toBe(70);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_000 }), (length) => {
      expect(snapSide(motion, length, 0)).toBe(length);
      expect(Math.abs(snapSide(motion, length, 4) - length)).toBeLessThanOrEqual(4);
    }),
  );
});
