import { expect, test } from "vitest";
import { MaskStroke } from "../../../../plugin/ui/masks/mask-stroke.ts";
import { sampleMask } from "../../../../plugin/ui/masks/sample-mask.ts";
import { TiledMask } from "../../../../plugin/ui/masks/tiled-mask.ts";

function maskWithDot(width: number, height: number, x: number, y: number, radius: number): TiledMask {
  const mask = new TiledMask({ width, height });
  const clip = { x: 0, y: 0, width, height };
  new MaskStroke(mask, { mode: "paint", radius, clip }).drawLine({ x, y }, { x, y });
  return mask;
}

test("shows each pixel as it is at actual size", () => {
  const mask = maskWithDot(400, 300, 255, 128, 20);
  const area = { x: 0, y: 0, width: 400, height: 300 };
  const coverage = sampleMask(mask, { scale: 1, x: 0, y: 0 }, area);
  const wrong = coverage.findIndex((value, i) => value !== (mask.isPainted(i % 400, Math.floor(i / 400)) ? 255 : 0));
  expect(wrong).toBe(-1);
});

test("covers a view pixel by the share of painted pixels under it", () => {
  const mask = new TiledMask({ width: 4, height: 4 });
  const clip = { x: 1, y: 0, width: 1, height: 4 };
  new MaskStroke(mask, { mode: "paint", radius: 9, clip }).drawLine({ x: 2, y: 2 }, { x: 2, y: 2 });
  const coverage = sampleMask(mask, { scale: 0.5, x: 0, y: 0 }, { x: 0, y: 0, width: 2, height: 2 });
  expect([...coverage]).toEqual([128, 0, 128, 0]);
});

test("follows zoom and position, and is clear where there is no picture", () => {
  const mask = maskWithDot(10, 10, 5, 5, 20);
  const coverage = sampleMask(mask, { scale: 3, x: 6, y: 6 }, { x: 0, y: 20, width: 60, height: 1 });
  expect(coverage.indexOf(255)).toBe(6);
  expect(coverage.lastIndexOf(255)).toBe(35);
});
