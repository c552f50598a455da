import sharp from "sharp";
import { expect, test } from "vitest";
import { readImageHeader } from "../../../../plugin/playground/document/image-header.ts";
import { MediaStore } from "../../../../plugin/playground/document/media-store.ts";
import { emptyPng } from "../../sandbox/empty-png.ts";

const picture = () => sharp({ create: { width: 30, height: 20, channels: 3, background: "#a83" } });

test.each([
  ["image/png", () => picture().png()],
  ["image/png", () => picture().png({ palette: true })],
  ["image/jpeg", () => picture().jpeg()],
  ["image/jpeg", () => picture().jpeg({ progressive: true })],
  ["image/webp", () => picture().webp()],
  ["image/webp", () => picture().webp({ lossless: true })],
  ["image/webp", () => picture().ensureAlpha(0.5).webp()],
  ["image/gif", () => picture().gif()],
])("reads type and size of %s (%#)", async (mime, encode) => {
  expect(readImageHeader(await encode().toBuffer())).toEqual({ mime, width: 30, height: 20 });
});

test.each([
  [1, 30, 20],
  [3, 30, 20],
  [6, 20, 30],
  [8, 20, 30],
])("swaps the sides of a JPEG with EXIF orientation %i as needed", async (orientation, width, height) => {
  const bytes = await picture().withMetadata({ orientation }).jpeg().toBuffer();
  expect(readImageHeader(bytes)).toEqual({ mime: "image/jpeg", width, height });
});

test("takes cut-off and foreign bytes for no picture", async () => {
  const jpeg = await picture().jpeg().toBuffer();
  for (const bytes of [new Uint8Array(), jpeg.subarray(0, 20), emptyPng(3, 3).subarray(0, 20), Buffer.from("<svg/>")])
    expect(readImageHeader(bytes)).toBeUndefined();
});

test("keeps a copy of what was uploaded", () => {
  const store = new MediaStore();
  const bytes = emptyPng(3, 4);
  const media = store.add("a", bytes, "image/png");
  bytes.fill(0);
  expect(store.get(media.id)).toMatchObject({ width: 3, height: 4, bytes: emptyPng(3, 4) });
});

test.each([
  ["another type than Penpot stores", emptyPng(1, 1), "image/svg+xml", "media-type-not-allowed"],
  ["another type than was declared", emptyPng(1, 1), "image/jpeg", "media-type-mismatch"],
  ["no picture", new Uint8Array(10), "image/png", "invalid-image"],
  ["an empty file", new Uint8Array(), "image/png", "invalid-image"],
  ["more than 30 MiB", new Uint8Array(30 * 1024 * 1024 + 1), "image/png", "media-max-file-size-reached"],
  ["more than 16,384 pixels a side", emptyPng(16_385, 1), "image/png", "invalid-image"],
  ["more than 128 megapixels", emptyPng(16_000, 8_001), "image/png", "invalid-image"],
])("refuses %s", (_, bytes, mime, code) => {
  expect(() => new MediaStore().add("a", bytes, mime)).toThrow(expect.objectContaining({ code }));
});

test("takes a picture at the limits", () => {
  expect(new MediaStore().add("a", emptyPng(16_000, 8_000), "image/png")).toMatchObject({ width: 16_000 });
});
