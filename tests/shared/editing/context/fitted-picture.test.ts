import { expect, test } from "vitest";
import { fittedMask, fittedPicture } from "../../../../shared/editing/context/fitted-picture.ts";

// `Flux2KleinInpaintPipeline` reduces a picture of more than a megapixel and not its mask, and fails: docs/reference-defects.md.
test("brings the mask of a picture that is too large to the size of the picture", () => {
  const [width, height] = [160, 120];
  const working = { width: 112, height: 80 };
  const fit = { by: "stretch", from: { width: 118, height: 88 } } as const;
  const mask = new Uint8Array(width * height);
  for (let y = 0; y < height; y += 1) mask.fill(255, y * width + width / 2, (y + 1) * width);
  const image = { width, height, data: new Uint8ClampedArray(width * height * 4).fill(200) };
  expect(fittedPicture(image, { working, fit })).toMatchObject(working);
  const fitted = fittedMask({ width, height, data: mask }, { working, fit });
  expect(fitted).toHaveLength(working.width * working.height);
  const row = fitted.subarray(40 * working.width, 41 * working.width);
  expect(row.indexOf(1)).toBe(working.width / 2);
});

// What diffusers' pipelines make of it: `image.convert("RGB")`.
test.each([undefined, { by: "crop", from: { width: 34, height: 33 } }] as const)(
  "sees the colours under a picture's alpha as they are stored, fitted by %o",
  (fit) => {
    const [width, height] = fit ? [34, 33] : [32, 32];
    const data = new Uint8ClampedArray(width * height * 4).map((_, i) => (i % 4 === 3 ? (i >> 2) % 256 : 40 + (i % 4)));
    const working = { width: 32, height: 32 };
    const { data: seen } = fittedPicture({ width, height, data }, { working, ...(fit && { fit }) });
    expect([...seen]).toEqual(Array.from({ length: 32 * 32 * 3 }, (_, i) => 40 + (i % 3)));
  },
);
