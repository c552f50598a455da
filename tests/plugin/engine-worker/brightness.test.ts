import sharp from "sharp";
import { expect, test } from "vitest";
import { decodeMask } from "../../../companion-server/images/decode-image.ts";
import { brightness } from "../../../plugin/engine-worker/brightness.ts";

test("keeps every grey exactly, whatever the alpha", () => {
  const data = Uint8Array.from({ length: 256 * 4 }, (_, at) => (at % 4 === 3 ? 255 - (at >> 2) : at >> 2));
  const { data: gray } = brightness({ width: 256, height: 1, data });
  expect(Array.from(gray)).toEqual(Array.from({ length: 256 }, (_, value) => value));
});

test("weighs colours as the companion does, within one level", async () => {
  const side = 32;
  const data = new Uint8Array(side * side * 4).map((_, at) => (at % 4 === 3 ? 255 : (at * 2_654_435_761) >>> 24));
  const png = await sharp(data, { raw: { width: side, height: side, channels: 4 } })
    .png()
    .toBuffer();
  const companions = await decodeMask(png, "the mask");
  const mine = brightness({ width: side, height: side, data });
  const worst = Math.max(...mine.data.map((value, pixel) => Math.abs(value - companions.data[pixel]!)));
  expect(worst).toBeLessThanOrEqual(1);
});
