import { encode } from "fast-png";
import { expect, test } from "vitest";
import { decodeMask } from "../../../../plugin/ui/masks/decode-mask.ts";
import { encodeMask } from "../../../../plugin/ui/masks/encode-mask.ts";
import { MaskStroke } from "../../../../plugin/ui/masks/mask-stroke.ts";
import { takeSnapshot } from "../../../../plugin/ui/masks/take-snapshot.ts";
import { TiledMask } from "../../../../plugin/ui/masks/tiled-mask.ts";

test("reads the tiles back that were written, at the rims too", () => {
  const size = { width: 700, height: 300 };
  const mask = new TiledMask(size);
  const stroke = new MaskStroke(mask, { mode: "paint", radius: 20, clip: { x: 0, y: 0, ...size } });
  stroke.drawLine({ x: 250, y: 250 }, { x: 699, y: 299 });
  stroke.finish();
  expect(decodeMask(encodeMask(takeSnapshot(mask)))).toEqual(takeSnapshot(mask));
});

test("refuses a file that is no mask of the panel's", () => {
  const png = encode({ width: 2, height: 2, data: new Uint8Array(16), channels: 4, depth: 8 });
  expect(() => decodeMask(png)).toThrow("not one of 8");
  expect(() => decodeMask(new Uint8Array([1, 2, 3]))).toThrow();
});
