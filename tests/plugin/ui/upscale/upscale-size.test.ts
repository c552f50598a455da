import { expect, test } from "vitest";
import { upscaleSize } from "../../../../plugin/ui/upscale/upscale-size.ts";

const whole = { x: 0, y: 0, width: 301, height: 200 };
const source = { image: { width: 301, height: 200 }, visible: whole, shape: { width: 301, height: 200 } };

test.each([
  [2, { width: 602, height: 400 }],
  [3, { width: 903, height: 600 }],
  [4, { width: 1204, height: 800 }],
  ["match", { width: 602, height: 400 }],
] as const)("enlarges by %s", (choice, size) => {
  expect(upscaleSize(source, choice)).toEqual(size);
});

test("gives the part that shows two pixels a unit, in the picture's own proportions", () => {
  // 100 of 301 columns show, over 250 units: 5 times as many are needed.
  const cropped = { ...source, visible: { x: 100, y: 0, width: 100, height: 200 }, shape: { width: 250, height: 500 } };
  expect(upscaleSize(cropped, "match")).toEqual({ width: 1505, height: 1000 });
});
