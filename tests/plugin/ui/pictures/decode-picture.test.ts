import { afterEach, expect, test, vi } from "vitest";
import { decodePicture } from "../../../../plugin/ui/pictures/decode-picture.ts";
import { emptyPng } from "../../sandbox/empty-png.ts";

afterEach(() => vi.unstubAllGlobals());

test.each([
  [20_000, 100],
  [16_000, 16_000],
])("refuses a picture of %i × %i pixels by its header, without decoding it", async (width, height) => {
  const decode = vi.fn();
  vi.stubGlobal("createImageBitmap", decode);
  await expect(decodePicture(new Uint8Array(emptyPng(width, height)), "image/png")).rejects.toMatchObject({
    code: "image-too-large",
    message: expect.stringContaining(`${width} × ${height}`),
  });
  expect(decode).not.toHaveBeenCalled();
});
