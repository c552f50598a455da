import { expect, it } from "vitest";
import { uniteRects } from "../../../../shared/planning/sizes/unite-rects.ts";

it.each([
  [
    "apart",
    { x: -5, y: 2, width: 3, height: 4 },
    { x: 10, y: 0, width: 1, height: 1 },
    { x: -5, y: 0, width: 16, height: 6 },
  ],
  [
    "one inside the other",
    { x: 0, y: 0, width: 9, height: 9 },
    { x: 2, y: 3, width: 1, height: 1 },
    { x: 0, y: 0, width: 9, height: 9 },
  ],
])("holds both rectangles, %s", (_, a, b, united) => {
  expect(uniteRects(a, b)).toEqual(united);
  expect(uniteRects(b, a)).toEqual(united);
});
