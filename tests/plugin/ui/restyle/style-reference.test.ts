import { expect, test, vi } from "vitest";
import { restoredStyle, styleFromFile, styleFromShape } from "../../../../plugin/ui/restyle/style-reference.ts";
import { shapeOf } from "../support/panel-page.ts";

const bytes = Uint8Array.of(1, 2, 3);
const thumbnail = { width: 1, height: 1, data: new Uint8ClampedArray(4) };
const close = vi.fn();
const decode = vi.fn(async () => ({ size: { width: 8, height: 8 }, bitmaps: [], thumbnail, close }));

test("keeps a file's bytes, name and kind, and of its pixels only a small copy", async () => {
  const file = new File([bytes], "poster.webp", { type: "image/webp" });
  expect(await styleFromFile(file, decode)).toEqual({ name: "poster.webp", mime: "image/webp", bytes, thumbnail });
  expect(decode).toHaveBeenLastCalledWith(bytes, "image/webp");
  expect(close).toHaveBeenCalledTimes(1);
});

test("keeps which shape a picture is of", async () => {
  const image = shapeOf("shape-7", "Poster", 8, 8);
  const readPicture = vi.fn(async () => ({ name: "Poster", bytes, mime: "image/jpeg" }));
  const style = await styleFromShape(image, { readPicture }, decode);
  expect(style).toEqual({ shapeId: "shape-7", name: "Poster", mime: "image/jpeg", bytes, thumbnail });
  expect(readPicture).toHaveBeenCalledWith("shape-7");
});

test("calls a picture that comes back without its name what it is", async () => {
  expect(await restoredStyle("Style picture", bytes, decode)).toEqual({
    name: "Style picture",
    mime: "",
    bytes,
    thumbnail,
  });
});
