import { decode } from "fast-png";
import { expect, test } from "vitest";
import { encodeMask } from "../../../../plugin/ui/masks/encode-mask.ts";
import { MaskStroke } from "../../../../plugin/ui/masks/mask-stroke.ts";
import { takeSnapshot } from "../../../../plugin/ui/masks/take-snapshot.ts";
import { TiledMask } from "../../../../plugin/ui/masks/tiled-mask.ts";

test("encodes the mask at the picture's size as 8-bit grey, white where it is painted", () => {
  const size = { width: 601, height: 513 };
  const mask = new TiledMask(size);
  new MaskStroke(mask, { mode: "paint", radius: 70, clip: { x: 0, y: 0, ...size } }).drawLine(
    { x: 200, y: 200 },
    { x: 600, y: 512 },
  );
  const { width, height, channels, depth, data } = decode(encodeMask(takeSnapshot(mask)));
  expect({ width, height, channels, depth }).toEqual({ ...size, channels: 1, depth: 8 });
  const isRight = (value: number, i: number) => value === (mask.isPainted(i % width, Math.floor(i / width)) ? 255 : 0);
  expect([...data].findIndex((value, i) => !isRight(value, i))).toBe(-1);
});

test("keeps the mask of the moment while painting goes on", () => {
  const size = { width: 64, height: 64 };
  const mask = new TiledMask(size);
  const clip = { x: 0, y: 0, ...size };
  const first = new MaskStroke(mask, { mode: "paint", radius: 4, clip });
  first.drawLine({ x: 10, y: 10 }, { x: 10, y: 10 });
  first.finish();
  const snapshot = takeSnapshot(mask);
  const before = encodeMask(snapshot);
  new MaskStroke(mask, { mode: "paint", radius: 30, clip }).drawLine({ x: 40, y: 40 }, { x: 50, y: 50 });
  expect(encodeMask(snapshot)).toEqual(before);
});
