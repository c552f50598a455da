import fc from "fast-check";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { readImageHeader } from "../../../../shared/imaging/metadata/image-header.ts";
import { pngHeader } from "../../../support/png-chunks.ts";

const formats = ["png", "jpeg", "webp", "gif"] as const;
const picture = (width: number, height: number, channels: 3 | 4 = 3) =>
  sharp({ create: { width, height, channels, background: { r: 90, g: 20, b: 200, alpha: 0.5 } } });

describe.each(formats)("%s", (format) => {
  test.each([
    [1, 1],
    [300, 7],
    [1023, 1025],
  ])("has its size read: %i × %i", async (width, height) => {
    const bytes = await picture(width, height).toFormat(format).toBuffer();
    expect(readImageHeader(bytes)).toEqual({ format, orientation: 1, size: { width, height } });
  });

  test("is nothing when it ends inside its header", async () => {
    const bytes = await picture(40, 30).toFormat(format).toBuffer();
    for (const length of [0, 1, 3, 5, 7]) expect(readImageHeader(bytes.subarray(0, length))).toBeUndefined();
  });
});

test.each([
  ["lossy", { quality: 50 }, 3],
  ["lossless", { lossless: true }, 3],
  ["lossy with alpha", { quality: 50 }, 4],
] as const)("reads each kind of WebP: %s", async (_, options, channels) => {
  const bytes = await picture(123, 45, channels).webp(options).toBuffer();
  expect(readImageHeader(bytes)?.size).toEqual({ width: 123, height: 45 });
});

test.each(["png", "jpeg"] as const)("turns the size of a %s as its EXIF orientation says", async (format) => {
  for (let orientation = 1; orientation <= 8; orientation += 1) {
    const bytes = await picture(60, 20).withMetadata({ orientation }).toFormat(format).toBuffer();
    const { autoOrient } = await sharp(bytes).metadata();
    expect(readImageHeader(bytes)).toEqual({ format, orientation, size: autoOrient });
  }
});

test("leaves a WebP as it is stored, as browsers do", async () => {
  const bytes = await picture(60, 20).withMetadata({ orientation: 6 }).webp().toBuffer();
  expect(readImageHeader(bytes)).toEqual({ format: "webp", orientation: 1, size: { width: 60, height: 20 } });
});

test("reads a progressive JPEG", async () => {
  const bytes = await picture(33, 44).jpeg({ progressive: true }).toBuffer();
  expect(readImageHeader(bytes)?.size).toEqual({ width: 33, height: 44 });
});

test("reads the size a tiny file declares, however large", () => {
  expect(readImageHeader(pngHeader(2_000_000_000, 1_999_999_999))?.size).toEqual({
    width: 2_000_000_000,
    height: 1_999_999_999,
  });
});

test("is nothing for text, an SVG and an empty picture", () => {
  for (const text of ["hello, this is a text file", `<svg xmlns="http://www.w3.org/2000/svg"/>`])
    expect(readImageHeader(Buffer.from(text))).toBeUndefined();
  expect(readImageHeader(pngHeader(0, 10))).toBeUndefined();
});

test("ends with an answer for any bytes after a true beginning", async () => {
  const beginnings = await Promise.all(
    formats.map(async (format) => (await picture(9, 9).toFormat(format).toBuffer()).subarray(0, 16)),
  );
  fc.assert(
    fc.property(fc.constantFrom(...beginnings), fc.uint8Array({ maxLength: 120 }), (beginning, rest) => {
      const header = readImageHeader(Buffer.concat([beginning, rest]));
      return header === undefined || (header.size.width > 0 && header.size.height > 0);
    }),
  );
});
