import sharp, { type Sharp } from "sharp";
import { expect, test } from "vitest";
import { decodeImage, decodeMask } from "../../../companion-server/images/decode-image.ts";
import { encodePng } from "../../../companion-server/images/encode-image.ts";
import { pattern, pngOf } from "../support/pictures.ts";

const size = { width: 5, height: 4 };

test("brings every value of an 8-bit PNG through, colour under full transparency included", async () => {
  const raw = { ...size, channels: 4 } as const;
  const pixels = pattern(raw);
  for (let i = 3; i < pixels.length; i += 8) pixels[i] = 0;
  const image = await decodeImage(await pngOf(raw, pixels), "The image");
  expect(image).toMatchObject(size);
  expect([...image.data]).toEqual([...pixels]);
});

test("does not round colours through an sRGB profile", async () => {
  const raw = { ...size, channels: 3 } as const;
  const png = await sharp(pattern(raw), { raw }).withIccProfile("srgb").png().toBuffer();
  const image = await decodeImage(png, "The image");
  expect([...image.data].filter((_, i) => i % 4 !== 3)).toEqual([...pattern(raw)]);
});

test("encodes and decodes without a change", async () => {
  const image = { ...size, data: pattern({ ...size, channels: 4 }) };
  expect([...(await decodeImage(await encodePng(image), "The image")).data]).toEqual([...image.data]);
});

test("encodes equal pixels to equal bytes", async () => {
  const image = { ...size, data: pattern({ ...size, channels: 4 }) };
  expect(await encodePng(image)).toEqual(await encodePng({ ...image, data: new Uint8Array(image.data) }));
});

test("turns a photograph taken sideways upright", async () => {
  const left = { width: 2, height: 1, channels: 3 } as const; // red, blue
  const jpeg = await sharp(Uint8Array.of(255, 0, 0, 0, 0, 255), { raw: left })
    .resize(16, 8, { kernel: "nearest" })
    .withMetadata({ orientation: 6 }) // to be turned clockwise by a quarter
    .jpeg({ quality: 100, chromaSubsampling: "4:4:4" })
    .toBuffer();
  const { width, height, data } = await decodeImage(jpeg, "The image");
  expect({ width, height }).toEqual({ width: 8, height: 16 });
  expect(data[0]).toBeGreaterThan(240); // red on top
  expect(data[data.length - 2]).toBeGreaterThan(240); // blue below
});

test.each([
  ["16-bit", 1, (picture: Sharp) => picture.toColourspace("rgb16").png()],
  ["palette", 1, (picture: Sharp) => picture.png({ palette: true })],
  ["greyscale", 1, (picture: Sharp) => picture.toColourspace("b-w").png()],
  // Inks and light have no exact counterparts; the way there and back goes through two profiles.
  ["CMYK", 16, (picture: Sharp) => picture.toColourspace("cmyk").jpeg({ quality: 100 })],
])("reads a %s picture as 8-bit RGBA", async (_name, tolerance, convert) => {
  const grey = { width: 16, height: 16, channels: 3, background: { r: 128, g: 128, b: 128 } } as const;
  const image = await decodeImage(await convert(sharp({ create: grey })).toBuffer(), "The image");
  expect(image.data).toHaveLength(16 * 16 * 4);
  for (let c = 0; c < 3; c += 1) expect(Math.abs(image.data[c]! - 128)).toBeLessThanOrEqual(tolerance);
  expect(image.data[3]).toBe(255);
});

test.each(["png", "jpeg"] as const)("refuses a truncated %s", async (format) => {
  const noise = { width: 200, height: 200, channels: 3, noise: { type: "gaussian", mean: 128, sigma: 30 } } as const;
  const whole = await sharp({ create: { ...noise, background: "red" } })
    .toFormat(format)
    .toBuffer();
  await expect(decodeImage(whole.subarray(0, whole.length / 2), "photo")).rejects.toMatchObject({
    code: "unreadable-image",
    message: "photo is damaged or incomplete.",
  });
});

test("reads a mask's brightness and ignores its alpha", async () => {
  const raw = { width: 3, height: 1, channels: 4 } as const;
  const mask = await decodeMask(await pngOf(raw, Uint8Array.of(255, 255, 255, 0, 0, 0, 0, 255, 128, 128, 128, 9)), "");
  expect([...mask.data]).toEqual([255, 0, 128]);
});

test("reads a greyscale mask as it is", async () => {
  const raw = { width: 4, height: 1, channels: 1 } as const;
  const mask = await decodeMask(await pngOf(raw, Uint8Array.of(0, 1, 127, 255)), "The mask");
  expect([...mask.data]).toEqual([0, 1, 127, 255]);
});
