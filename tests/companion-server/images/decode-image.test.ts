import { encode } from "fast-png";
import sharp, { type Sharp } from "sharp";
import { expect, test } from "vitest";
import { decodeImage, decodeMask } from "../../../companion-server/images/decode-image.ts";
import { encodePng } from "../../../companion-server/images/encode-image.ts";
import { brightness } from "../../../shared/imaging/colour/brightness.ts";
import { insertChunk } from "../../support/png-chunks.ts";
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
  ["CMYK", 16, (picture: Sharp) => picture.withIccProfile("cmyk").jpeg({ quality: 100 })],
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

test("takes of a mask what shows: white that is transparent paints nothing", async () => {
  const raw = { width: 3, height: 1, channels: 4 } as const;
  const pixels = Uint8Array.of(255, 255, 255, 0, 255, 255, 255, 255, 200, 200, 200, 51);
  const mask = await decodeMask(await pngOf(raw, pixels), "The mask");
  expect([...mask.data]).toEqual([0, 255, 40]);
});

test("reads a greyscale mask as it is", async () => {
  const raw = { width: 4, height: 1, channels: 1 } as const;
  const mask = await decodeMask(await pngOf(raw, Uint8Array.of(0, 1, 127, 255)), "The mask");
  expect([...mask.data]).toEqual([0, 1, 127, 255]);
});

test.each([
  ["grey", (mask: Sharp) => mask.toColourspace("b-w").png()],
  ["grey of 1 bit", (mask: Sharp) => mask.toColourspace("b-w").png({ palette: true, colours: 2 })],
  ["grey with alpha", (mask: Sharp) => mask.ensureAlpha(0.5).toColourspace("b-w").png()],
  ["grey of 16 bits", (mask: Sharp) => mask.toColourspace("grey16").png()],
  ["a grey JPEG", (mask: Sharp) => mask.toColourspace("b-w").jpeg()],
  ["a turned grey JPEG", (mask: Sharp) => mask.toColourspace("b-w").withMetadata({ orientation: 6 }).jpeg()],
  ["colour", (mask: Sharp) => mask.png()],
])("reads a mask as the brightness of what it shows: %s", async (_, convert) => {
  const raw = { width: 24, height: 16, channels: 3 } as const;
  const bytes = await convert(sharp(pattern(raw), { raw })).toBuffer();
  const mask = await decodeMask(bytes, "The mask");
  const shown = brightness(await decodeImage(bytes, "The mask"));
  expect({ ...mask, data: [...mask.data] }).toEqual({ ...shown, data: [...shown.data] });
});

test.each([
  ["a colour profile", (mask: Sharp) => mask.withIccProfile("p3")],
  ["no profile", (mask: Sharp) => mask],
])("reads a mask in colour as Pillow reads its stored values: %s", async (_, encode) => {
  const raw = { width: 4, height: 1, channels: 3 } as const;
  const colours = Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 200, 30);
  const bytes = await encode(sharp(colours, { raw })).png().toBuffer();
  const stored = await sharp(bytes, { ignoreIcc: true }).raw().toBuffer();
  const lumas = Array.from({ length: 4 }, (_value, i) => {
    const [red, green, blue] = stored.subarray(i * 3);
    return (19595 * red! + 38470 * green! + 7471 * blue! + 32768) >> 16;
  });
  expect([...(await decodeMask(bytes, "The mask")).data]).toEqual(lumas);
});

test("shows inks without a profile as browsers do: what cyan and black leave of white is red", async () => {
  const picture = sharp({ create: { width: 16, height: 16, channels: 3, background: "#a05020" } });
  const jpeg = await picture.toColourspace("cmyk").jpeg({ quality: 100, chromaSubsampling: "4:4:4" }).toBuffer();
  const inks = await sharp(jpeg).pipelineColourspace("cmyk").toColourspace("cmyk").raw().toBuffer();
  const left = (ink: number) => Math.round(((255 - inks[ink]!) * (255 - inks[3]!)) / 255);
  expect([...(await decodeImage(jpeg, "The image")).data.subarray(0, 4)]).toEqual([left(0), left(1), left(2), 255]);
});

/** Chunk gAMA of samples that are light itself. */
const LINEAR = Uint8Array.of(0, 0x01, 0x86, 0xa0);

test.each([8, 16] as const)(
  "brings a PNG of linear light with %i bits to sRGB, and leaves its alpha",
  async (depth) => {
    const largest = 2 ** depth - 1;
    const samples = [0, 0.01, 0.2140411, 1].flatMap((light) =>
      [light, light, light, 0.4].map((v) => Math.round(v * largest)),
    );
    const data = depth === 8 ? Uint8Array.from(samples) : Uint16Array.from(samples);
    const png = encode({ width: 4, height: 1, channels: 4, depth, data });
    const image = await decodeImage(insertChunk(png, "gAMA", LINEAR), "The image");
    const greys = depth === 8 ? [0, 28, 128, 255] : [0, 25, 127, 255];
    expect([...image.data]).toEqual(greys.flatMap((grey) => [grey, grey, grey, 102]));
  },
);

test("shows a WebP as it is stored, whatever its EXIF block says", async () => {
  const webp = await sharp(await pngOf({ width: 6, height: 4, channels: 3 }))
    .withMetadata({ orientation: 6 })
    .webp({ lossless: true })
    .toBuffer();
  expect(await decodeImage(webp, "The image")).toMatchObject({ width: 6, height: 4 });
});
