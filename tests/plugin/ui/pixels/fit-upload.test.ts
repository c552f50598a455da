import { expect, test } from "vitest";
import { type EncodePicture, fitUpload } from "../../../../plugin/ui/pixels/fit-upload.ts";

const MiB = 1024 * 1024;
const png = new Uint8Array(5 * MiB);
/** Answers files of these sizes, one after the other. */
function encoder(...sizes: readonly number[]): { encode: EncodePicture; asked: unknown[] } {
  const asked: unknown[] = [];
  const left = [...sizes];
  const encode: EncodePicture = async (_, mime, quality) => {
    asked.push([mime, quality]);
    const size = left.shift();
    return size === undefined ? undefined : new Uint8Array(size);
  };
  return { encode, asked };
}

test("sends a PNG that Penpot takes as it is", async () => {
  const { encode, asked } = encoder();
  const file = await fitUpload(png, encode, 5 * MiB);
  expect(file.bytes).toBe(png);
  expect([file.mime, file.notice]).toEqual(["image/png", undefined]);
  expect(asked).toEqual([]);
});

test("writes a file that is too large as WebP and says so, with both sizes", async () => {
  const { encode } = encoder(2 * MiB);
  const file = await fitUpload(png, encode, 4 * MiB);
  expect(file).toMatchObject({ mime: "image/webp", bytes: { length: 2 * MiB } });
  for (const part of ["5.0 MiB", "4.0 MiB", "2.0 MiB", "every pixel"]) expect(file.notice).toContain(part);
});

test("takes a little less quality before it gives up", async () => {
  const { encode, asked } = encoder(5 * MiB, 3 * MiB);
  expect((await fitUpload(png, encode, 4 * MiB)).bytes.length).toBe(3 * MiB);
  expect(asked).toEqual([
    ["image/webp", 0.95],
    ["image/webp", 0.9],
  ]);
});

test.each([
  ["even as WebP", [4.6 * MiB, 4.5 * MiB], /5\.0 MiB, 4\.5 MiB as WebP; Penpot takes 4\.0 MiB/],
  ["where the browser writes no WebP", [], /5\.0 MiB; Penpot takes 4\.0 MiB/],
])("refuses what is too large %s, before anything is sent", async (_, sizes, message) => {
  const { encode } = encoder(...sizes);
  await expect(fitUpload(png, encode, 4 * MiB)).rejects.toMatchObject({
    code: "upload-too-large",
    message: expect.stringMatching(message),
  });
});
