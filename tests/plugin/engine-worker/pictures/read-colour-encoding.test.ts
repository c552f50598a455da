import sharp, { type Sharp } from "sharp";
import { describe, expect, test } from "vitest";
import { readColourEncoding as readWithSharp } from "../../../../companion-server/images/read-colour-encoding.ts";
import { readColourEncoding } from "../../../../plugin/engine-worker/pictures/read-colour-encoding.ts";
import { conversionNotes } from "../../../../shared/imaging/metadata/conversion-notes.ts";
import { readImageHeader } from "../../../../shared/imaging/metadata/image-header.ts";
import { insertChunk } from "../../../support/png-chunks.ts";

const picture = () => sharp({ create: { width: 8, height: 6, channels: 3, background: "#a05020" } });
const display = () => picture().withIccProfile("p3");

/** The notes of both engines, which are to be the same. */
async function notesOf(bytes: Uint8Array): Promise<readonly string[]> {
  const header = readImageHeader(bytes)!;
  const browsers = conversionNotes("image", await readColourEncoding(bytes, header.format));
  expect(browsers).toEqual(conversionNotes("image", await readWithSharp(bytes)));
  return browsers.map(({ text }) => text);
}

describe("says what reading a picture changes, as the companion does", () => {
  // How libvips' own profile of Display P3 calls itself.
  const fromP3 = "The picture's colour profile (sP3C) was converted to sRGB.";
  const fromDeep = "The picture's colours were reduced to 8 bits a channel.";

  test.each<[string, () => Sharp, readonly string[]]>([
    ["nothing of a plain PNG", () => picture().png(), []],
    ["nothing of an sRGB profile", () => picture().withIccProfile("srgb").png(), []],
    ["nothing of a palette", () => picture().png({ palette: true }), []],
    ["nothing of a GIF", () => picture().gif(), []],
    ["a PNG's profile", () => display().png(), [fromP3]],
    ["an interlaced PNG's profile", () => display().png({ progressive: true }), [fromP3]],
    ["a JPEG's profile", () => display().jpeg(), [fromP3]],
    ["a progressive JPEG's profile", () => display().jpeg({ progressive: true }), [fromP3]],
    ["a WebP's profile", () => display().webp(), [fromP3]],
    ["16 bits a channel", () => picture().toColourspace("rgb16").png(), [fromDeep]],
    ["a profile and 16 bits", () => display().toColourspace("rgb16").png(), [fromP3, fromDeep]],
    [
      "inks without a profile",
      () => picture().toColourspace("cmyk").jpeg(),
      ["The picture's CMYK colours were converted to sRGB."],
    ],
    [
      // A profile of a megabyte, in many segments.
      "inks with a profile",
      () => picture().withIccProfile("cmyk").jpeg(),
      ["The picture's CMYK colours (Chemical proof) were converted to sRGB."],
    ],
  ])("%s", async (_, encode, expected) => {
    expect(await notesOf(await encode().toBuffer())).toEqual(expected);
  });

  test("the gamma of a PNG", async () => {
    const linear = insertChunk(await picture().png().toBuffer(), "gAMA", Uint8Array.of(0, 0x01, 0x86, 0xa0));
    expect(await notesOf(linear)).toEqual(["The picture's gamma (1) was converted to sRGB."]);
  });
});

test("takes a profile that cannot be unpacked for none", async () => {
  const broken = insertChunk(await picture().png().toBuffer(), "iCCP", Buffer.from("odd\0\0not deflated"));
  expect(await readColourEncoding(broken, "png")).toMatchObject({ profile: undefined, isCmyk: false, isDeep: false });
});

test.each([
  ["a TIFF's inks", () => picture().toColourspace("cmyk").tiff(), ["inks-converted"]],
  ["an AVIF's profile", () => display().avif({ effort: 0 }), ["profile-converted"]],
])("with sharp also %s", async (_, encode, codes) => {
  const notes = conversionNotes("reference", await readWithSharp(await encode().toBuffer()));
  expect(notes.map(({ code }) => code)).toEqual(codes);
  expect(notes[0]?.text).toMatch(/^The reference's /);
});
