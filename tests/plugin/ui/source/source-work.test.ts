import { encode } from "fast-png";
import { expect, test } from "vitest";
import { decodePlainPng } from "../../../../plugin/ui/pixels/decode-pixels.ts";
import { sourceWork } from "../../../../plugin/ui/source/source-work.ts";
import { readPngText, withPngText } from "../../../../shared/imaging/metadata/png-metadata.ts";

const decoded = (bytes: Uint8Array) => {
  const picture = decodePlainPng(bytes);
  if (picture === undefined) throw new Error("all pictures here are plain PNGs");
  return picture;
};
const work = sourceWork(async (bytes) => decoded(bytes));
const mime = "image/png";

/** A picture of one colour. */
function plain(width: number, height: number, colour: readonly number[]): Uint8Array<ArrayBuffer> {
  const data = Uint8Array.from({ length: width * height * 4 }, (_, i) => colour[i % 4] ?? 0);
  return new Uint8Array(encode({ width, height, data, channels: 4, depth: 8 }));
}
const [grey, red, nothing] = [plain(6, 4, [80, 80, 80, 255]), plain(2, 2, [200, 0, 0, 255]), plain(2, 2, [0, 0, 0, 0])];
const told = [{ keyword: "overpaint-recipe", text: "{}" }];
const place = { x: 1, y: 1, width: 2, height: 2 };
const at = (png: Uint8Array, x: number, y: number) => {
  const { width, data } = decoded(png);
  return [...data.subarray((y * width + x) * 4, (y * width + x) * 4 + 4)];
};

test("leaves a picture's file what it is where nothing lies over it", async () => {
  const file = { bytes: grey, mime };
  expect(await work.composeSource(file, [])).toBe(file);
});

test("makes one file of a picture and what lies over it", async () => {
  const layer = { shapeId: "a", name: "a", bytes: red, mime, opacity: 1, blendMode: "normal" } as const;
  const { bytes } = await work.composeSource({ bytes: grey, mime }, [{ ...layer, matrix: [2, 0, 0, 2, 1, 1] }]);
  expect([at(bytes, 1, 1), at(bytes, 2, 2), at(bytes, 3, 1)]).toEqual([
    [200, 0, 0, 255],
    [200, 0, 0, 255],
    [80, 80, 80, 255],
  ]);
});

test("keeps what a result says of itself when it is padded, merged or made one with its picture", async () => {
  const mask = {
    size: { width: 6, height: 4 },
    columns: 1,
    tiles: [{ index: 0, pixels: new Uint8Array(65_536).fill(255) }],
  };
  const source = { bytes: grey, mime };
  const padded = await work.padLayer(withPngText(red, told), place, { width: 6, height: 4 });
  const merged = await work.mergeResult(source, withPngText(nothing, told), place, mask);
  const extended = await work.extendPicture(
    source,
    withPngText(red, told),
    { ...place, x: 5 },
    { x: 4, y: 1, width: 3, height: 1 },
  );
  for (const png of [padded, merged, extended]) expect(readPngText(png)).toEqual(told);
  expect([at(padded, 1, 1), at(padded, 0, 0)]).toEqual([
    [200, 0, 0, 255],
    [0, 0, 0, 0],
  ]);
  expect([at(merged, 1, 1), at(merged, 3, 3)]).toEqual([
    [0, 0, 0, 0],
    [80, 80, 80, 255],
  ]);
  // The picture lies over its extension.
  expect([at(extended, 1, 0), at(extended, 2, 0)]).toEqual([
    [80, 80, 80, 255],
    [200, 0, 0, 255],
  ]);
});

test("makes a mask of a picture's opacity", async () => {
  const region = { type: "picture", bytes: red, mime, matrix: [2, 0, 0, 2, 1, 1], opacity: 1 } as const;
  expect(await work.drawMask(region, { width: 6, height: 4 })).toEqual({ place, data: new Uint8Array(4).fill(255) });
});

test("leaves to the browser what is not stored as plain colours", () => {
  const palette = encode({ width: 1, height: 1, data: Uint8Array.of(0), channels: 1, depth: 8 });
  expect(decodePlainPng(new Uint8Array(palette))).toBeUndefined();
  const deep = encode({ width: 1, height: 1, data: Uint16Array.of(1, 2, 3), channels: 3, depth: 16 });
  expect(decodePlainPng(new Uint8Array(deep))).toBeUndefined();
});
