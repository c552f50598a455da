import sharp from "sharp";
import { expect, test } from "vitest";
import { countFrames } from "../../../../shared/imaging/metadata/count-frames.ts";
import { insertChunk } from "../../../support/png-chunks.ts";

/** Three frames of 4×4, below each other, each of another colour. */
const frames = sharp(
  Uint8Array.from({ length: 4 * 12 * 3 }, (_, i) => Math.floor(i / 48) * 80),
  { raw: { width: 4, height: 12, channels: 3, pageHeight: 4 } },
);
const still = sharp({ create: { width: 4, height: 4, channels: 3, background: "red" } });

test("counts the frames of a GIF and a WebP", async () => {
  expect(countFrames(await frames.clone().gif().toBuffer())).toBe(3);
  expect(countFrames(await frames.clone().webp().toBuffer())).toBe(3);
});

test("counts the frames of a PNG that says how many it has", async () => {
  const png = await still.clone().png().toBuffer();
  expect(countFrames(insertChunk(png, "acTL", Uint8Array.of(0, 0, 0, 7, 0, 0, 0, 0)))).toBe(7);
});

test.each(["png", "jpeg", "webp", "gif", "tiff"] as const)("a still %s has one", async (format) => {
  expect(countFrames(await still.clone().toFormat(format).toBuffer())).toBe(1);
});

test("counts what there is of a file that was cut off, and one of none", async () => {
  const gif = await frames.clone().gif().toBuffer();
  for (let length = 0; length < gif.length; length += 1)
    expect(countFrames(gif.subarray(0, length))).toBeGreaterThanOrEqual(1);
});
