import { encode } from "fast-png";
import sharp, { type Sharp } from "sharp";
import { describe, expect, test } from "vitest";
import { decodeImage, decodeMask } from "../../../companion-server/images/decode-image.ts";
import { encodePng } from "../../../companion-server/images/encode-image.ts";
import { brightness } from "../../../shared/imaging/colour/brightness.ts";
import { insertChunk } from "../../support/png-chunks.ts";
import { pattern, pngOf } from "../support/pictures.ts";
import { tiffOf } from "../support/tiff.ts";

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

/** Waves with a little noise: every row differs from the one before. */
function waves(): Sharp {
  const data = Uint8Array.from({ length: 160 * 96 * 3 }, (_, i) => 128 + 90 * Math.sin(i / 97) + ((i * 7919) % 23));
  return sharp(data, { raw: { width: 160, height: 96, channels: 3 } });
}

const files = {
  jpeg: () => waves().jpeg({ quality: 90 }).toBuffer(),
  "progressive jpeg": () => waves().jpeg({ quality: 90, progressive: true }).toBuffer(),
  png: () => waves().png().toBuffer(),
  "interlaced png": () => waves().png({ progressive: true }).toBuffer(),
  webp: () => waves().webp().toBuffer(),
  tiff: () => waves().tiff({ compression: "none" }).toBuffer(),
  gif: () => waves().gif().toBuffer(),
};

test.each([
  ["jpeg", 1],
  ["jpeg", 2],
  ["progressive jpeg", 2],
  ["png", 12], // without IEND
  ["png", 16], // without the checksum of its pixels either
  ["png", 20], // without that of what they are packed from either
  ["gif", 2],
] as const)("takes a %s without its last %i bytes, whose rows are all there, and says so", async (format, missing) => {
  const whole = await files[format]();
  const { data, lacksEnd } = await decodeImage(whole.subarray(0, whole.length - missing), "photo");
  expect(lacksEnd).toBe(true);
  const expected = await decodeImage(whole, "photo");
  expect(expected.lacksEnd).toBeUndefined();
  expect([...data]).toEqual([...expected.data]);
});

test("takes a mask without its end too", async () => {
  const jpeg = await waves().toColourspace("b-w").jpeg().toBuffer();
  expect((await decodeMask(jpeg.subarray(0, jpeg.length - 2), "mask")).lacksEnd).toBe(true);
});

test.each([
  ["jpeg", 0.5],
  ["jpeg", 0.9],
  ["png", 0.5],
] as const)("refuses a %s of which a part is missing, and says how many rows", async (format, share) => {
  const whole = await files[format]();
  const cut = whole.subarray(0, Math.round(whole.length * share));
  const reason = await decodeImage(cut, "photo").catch((error) => error);
  expect(reason.code).toBe("unreadable-image");
  const [, missing, rows] =
    /^photo ends too early: its last (\d+) of (\d+) rows are missing\.$/.exec(reason.message) ?? [];
  expect(Number(rows)).toBe(96);
  const all = await decodeImage(whole, "photo");
  const known = await sharp(cut, { failOn: "none" }).ensureAlpha().raw().toBuffer();
  const firstWrong = Math.floor(known.findIndex((value, i) => value !== all.data[i]) / (160 * 4));
  // The last row of a block of a JPEG is mixed with the first of the next. libpng drops rows that can still be unpacked.
  expect(96 - Number(missing)).toBeGreaterThanOrEqual(firstWrong);
  if (format === "jpeg") expect(96 - Number(missing)).toBeLessThanOrEqual(firstWrong + 1);
});

test.each([
  ["progressive jpeg", "ends too early: it is stored in rounds of growing detail, of which the last are missing"],
  ["interlaced png", "ends too early: it is stored in rounds of growing detail, of which the last are missing"],
  ["webp", /^photo ends too early: at least (\d+) bytes are missing\.$/],
  ["tiff", /^photo ends too early: at least (\d+) bytes are missing\.$/],
  ["gif", "is damaged or incomplete"],
] as const)("refuses half a %s, and says what is missing where it can be known", async (format, message) => {
  const whole = await files[format]();
  const half = Math.ceil(whole.length / 2);
  const reason = await decodeImage(whole.subarray(0, half), "photo").catch((error) => error);
  expect(reason.code).toBe("unreadable-image");
  expect(reason.message).toMatch(message);
  if (typeof message === "string") return;
  const missing = Number(message.exec(reason.message)?.[1]);
  expect(missing).toBeLessThanOrEqual(whole.length - half);
  expect(missing).toBeGreaterThan((whole.length - half) * 0.95);
});

test("says of a TIFF whose directory comes first what its strips lack", async () => {
  const samples = new Uint8Array(160 * 96).fill(7);
  const tiff = tiffOf({ width: 160, height: 96, channels: 1, bits: 8, format: "unsigned", samples });
  // The same file with the directory in front of the strip.
  const directory = tiff.subarray(8 + samples.length);
  const turned = Buffer.concat([tiff.subarray(0, 8), directory, samples]);
  turned.writeUInt32LE(8, 4);
  for (let entry = 10; entry < 8 + directory.length - 4; entry += 12)
    if (turned.readUInt16LE(entry) === 273) turned.writeUInt32LE(8 + directory.length, entry + 8);
  expect((await decodeImage(turned, "photo")).data.subarray(0, 4)).toEqual(Buffer.from([7, 7, 7, 255]));
  await expect(decodeImage(turned.subarray(0, turned.length - 1000), "photo")).rejects.toMatchObject({
    message: "photo ends too early: at least 1000 bytes are missing.",
  });
});

test("refuses a JPEG whose data runs out before its end marker", async () => {
  const whole = await files.jpeg();
  const cut = Buffer.concat([whole.subarray(0, whole.length / 2), Buffer.from([0xff, 0xd9])]);
  await expect(decodeImage(cut, "photo")).rejects.toMatchObject({ message: expect.stringMatching(/rows are missing/) });
});

const ramp = { width: 5, height: 1, channels: 1, bits: 32, format: "float" } as const;

describe("floating-point pictures", () => {
  test("greys from 0 to 1 stand for black to white", async () => {
    const { data } = await decodeImage(tiffOf({ ...ramp, samples: Float32Array.of(0, 0.25, 0.5, 0.75, 1) }), "photo");
    expect([...data]).toEqual([0, 64, 128, 191, 255].flatMap((value) => [value, value, value, 255]));
  });

  test("colours and opacity do too", async () => {
    const samples = Float32Array.of(0, 0.25, 0.5, 1, 0.75, 1, 0.1, 0.5);
    const { data } = await decodeImage(tiffOf({ ...ramp, width: 2, channels: 4, samples }), "photo");
    expect([...data]).toEqual([0, 64, 128, 255, 191, 255, 26, 128]);
  });

  test("colours of half precision do too", async () => {
    const samples = Uint16Array.of(0, 0x3800, 0x3c00); // 0, 0.5, 1
    const { data } = await decodeImage(tiffOf({ ...ramp, width: 1, channels: 3, bits: 16, samples }), "photo");
    expect([...data]).toEqual([0, 128, 255, 255]);
  });

  test("a mask of floats is read as greys", async () => {
    const { data } = await decodeMask(tiffOf({ ...ramp, samples: Float32Array.of(0, 0.25, 0.5, 0.75, 1) }), "mask");
    expect([...data]).toEqual([0, 64, 128, 191, 255]);
  });

  test.each([[Number.NaN], [Number.POSITIVE_INFINITY], [-0.5], [255]])(
    "names a value that has no colour: %d",
    async (value) => {
      const samples = Float32Array.of(0, 1, value, 0, 0);
      await expect(decodeImage(tiffOf({ ...ramp, samples }), "photo")).rejects.toMatchObject({
        code: "unreadable-image",
        message: `photo stores colours as floating-point numbers, and one of them is ${value}; only 0 to 1 can be shown.`,
      });
    },
  );
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
