import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { expect, test } from "vitest";
import { inspectImage } from "../../../companion-server/images/inspect-image.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { pngOf, pngThatClaims } from "../support/pictures.ts";
import { tiffOf } from "../support/tiff.ts";

async function inspect(bytes: Uint8Array | string) {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "file");
  await writeFile(path, bytes);
  return await inspectImage(path, "The image");
}

test("answers the size of a picture of a single pixel", async () => {
  expect(await inspect(await pngOf({ width: 1, height: 1, channels: 4 }))).toEqual({ width: 1, height: 1 });
});

test("answers the upright size of a photograph taken sideways", async () => {
  const jpeg = await sharp(await pngOf({ width: 6, height: 4, channels: 3 }))
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer();
  expect(await inspect(jpeg)).toEqual({ width: 4, height: 6 });
});

test("answers the stored size of a WebP, which browsers do not turn", async () => {
  const webp = await sharp(await pngOf({ width: 6, height: 4, channels: 3 }))
    .withMetadata({ orientation: 6 })
    .webp()
    .toBuffer();
  expect(await inspect(webp)).toEqual({ width: 6, height: 4 });
});

test.each([
  ["BMP", "424d460000000000000036000000280000000200000002000000010018"],
  ["SVG", Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>').toString("hex")],
])("names the format of a %s file that it does not take", async (format, bytes) => {
  await expect(inspect(Buffer.from(bytes, "hex"))).rejects.toMatchObject({
    code: "unreadable-image",
    message: `The image is in the format ${format}, which is not supported.`,
    remedy: expect.stringContaining("PNG"),
  });
});

test.each([
  ["without a beginning of its own", "<svg "],
  ["after a declaration", '<?xml version="1.0"?>\n<svg '],
  ["after spaces", "   \n<svg "],
])("refuses a drawing %s by its beginning, however many elements follow", async (_where, beginning) => {
  const path = `<path d="M0 0 L9 9"/>`.repeat(1_000);
  const drawing = `${beginning}xmlns="http://www.w3.org/2000/svg" width="9" height="9">${path}`; // never ends: a parser would choke
  await expect(inspect(drawing)).rejects.toMatchObject({
    code: "unreadable-image",
    message: expect.stringMatching("SVG"),
  });
});

test.each([
  [20_000, 20_000, "20000 × 20000"],
  [16_384, 9_000, "147456000"],
  [2_147_483_647, 2_147_483_647, "2147483647 × 2147483647"],
])("refuses a tiny file that declares %i × %i pixels from its header", async (width, height, named) => {
  await expect(inspect(pngThatClaims(width, height))).rejects.toMatchObject({
    code: "image-too-large",
    message: expect.stringContaining(named),
  });
});

test("refuses a gigantic size declared by a format other than PNG", async () => {
  const gif = Buffer.from("4749463839610080ff7f80000000000000ffffff2c0000000001000100000202440100", "hex");
  gif.writeUInt16LE(65_000, 6);
  gif.writeUInt16LE(65_000, 8);
  await expect(inspect(gif)).rejects.toMatchObject({ code: expect.stringMatching("image-too-large|unreadable-image") });
});

test.each([
  ["text", "hello"],
  ["nothing", ""],
  ["a drawing", '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'],
])("refuses %s as unreadable", async (_name, content) => {
  await expect(inspect(content)).rejects.toMatchObject({ code: "unreadable-image" });
});

test("gives no decoder what begins as no picture does", async () => {
  const drawing = `${" ".repeat(300)}<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>`; // a decoder would tell its format
  await expect(inspect(drawing)).rejects.toMatchObject({ message: "The image cannot be read as a picture." });
});

test("says how much is missing of a picture that ends before its own description", async () => {
  const tiff = tiffOf({ width: 9, height: 9, channels: 1, bits: 8, format: "unsigned", samples: new Uint8Array(81) });
  await expect(inspect(tiff.subarray(0, 60))).rejects.toMatchObject({
    code: "unreadable-image",
    message: "The image ends too early: at least 31 bytes are missing.", // the directory, with its length, is behind 8 + 81
  });
});

test("says so when there is no file", async () => {
  await expect(inspectImage("/nowhere/photo.png", "photo.png")).rejects.toMatchObject({
    code: "unreadable-image",
    message: "photo.png cannot be opened.",
  });
});

test.each([
  ["greys in 16-bit floating-point numbers", { bits: 16, format: "float", samples: Uint16Array.of(0x3800) }],
  ["numbers of the type uint", { bits: 32, format: "unsigned", samples: Uint32Array.of(7) }],
  ["numbers of the type char", { bits: 8, format: "signed", samples: Int8Array.of(7) }],
] as const)("refuses %s from the header", async (what, kind) => {
  await expect(inspect(tiffOf({ width: 1, height: 1, channels: 1, ...kind }))).rejects.toMatchObject({
    code: "unreadable-image",
    message: `The image stores ${what}, which is not supported.`,
  });
});

test("takes floating-point greys of 32 bits", async () => {
  const samples = Float32Array.of(0.5);
  const tiff = tiffOf({ width: 1, height: 1, channels: 1, bits: 32, format: "float", samples });
  expect(await inspect(tiff)).toEqual({ width: 1, height: 1 });
});
