import fc from "fast-check";
import { expect, test } from "vitest";
import { cutExtension } from "../../../../shared/editing/layer/cut-extension.ts";
import { layerOver } from "../../../../shared/imaging/compose/composite.ts";
import type { RgbaImage } from "../../../../shared/imaging/rgba-image.ts";
import { extensionOverlap } from "../../../../shared/planning/extension/extension-overlap.ts";
import type { PixelRect } from "../../../../shared/protocol/geometry.ts";

const side = fc.integer({ min: 1, max: 40 });
const added = fc.integer({ min: 0, max: 12 });
const scene = fc.record({
  width: side,
  height: side,
  left: added,
  right: added,
  top: added,
  bottom: added,
  salt: fc.nat({ max: 999 }),
  alphas: fc.constantFrom([255], [0, 90, 255]),
});

type Scene = typeof scene extends fc.Arbitrary<infer Wish> ? Wish : never;

/** An original with these opacities on a canvas whose added pixels are opaque. */
function extended({ width, height, left, right, top, bottom, salt, alphas }: Scene) {
  const place: PixelRect = { x: 0 - left, y: 0 - top, width: left + width + right, height: top + height + bottom };
  const canvas = {
    width: place.width,
    height: place.height,
    data: new Uint8ClampedArray(place.width * place.height * 4),
  };
  const original: RgbaImage = { width, height, data: new Uint8Array(width * height * 4) };
  const random = (i: number) => (Math.imul(i + salt, 2_654_435_761) >>> 13) % 256;
  for (let i = 0; i < place.width * place.height; i += 1) {
    const [x, y] = [(i % place.width) - left, Math.floor(i / place.width) - top];
    const isOriginal = x >= 0 && y >= 0 && x < width && y < height;
    const alpha = isOriginal ? (alphas[random(i * 7) % alphas.length] as number) : 255;
    const pixel = [random(i * 3), random(i * 3 + 1), random(i * 3 + 2), alpha];
    canvas.data.set(pixel, i * 4);
    if (isOriginal) original.data.set(pixel, (y * width + x) * 4);
  }
  return { canvas, original, place };
}

test("changes no pixel of the original, whether it lies behind it or over it", () => {
  fc.assert(
    fc.property(scene, (wish) => {
      const { canvas, original, place } = extended(wish);
      const whole = Uint8Array.from(canvas.data);
      const layer = cutExtension(canvas, original, place);
      const at = { x: 0 - place.x, y: 0 - place.y };
      const behind = layerOver(layer, original, at);
      const over = layerOver({ ...layer, data: placed(original, place) }, layer, { x: 0, y: 0 });
      const changed = { behind: 0, over: 0 };
      for (let i = 0; i < whole.length; i += 1) {
        if (whole[i | 3] === 0) continue; // no colour shows
        if (behind.data[i] !== whole[i]) changed.behind += 1;
        if (over.data[i] !== whole[i]) changed.over += 1;
      }
      expect(changed).toEqual({ behind: 0, over: 0 });
    }),
  );
});

test("reaches beneath an opaque original from every extended border, and from no other", () => {
  fc.assert(
    fc.property(scene, (wish) => {
      const { canvas, original, place } = extended({ ...wish, alphas: [255] });
      const { data } = cutExtension(canvas, original, place);
      const overlap = extensionOverlap(original);
      const { width, height, left, right, top, bottom } = wish;
      let wrong = 0;
      for (let y = 0; y < height; y += 1)
        for (let x = 0; x < width; x += 1) {
          const isNear =
            (left > 0 && x < overlap) ||
            (right > 0 && x >= width - overlap) ||
            (top > 0 && y < overlap) ||
            (bottom > 0 && y >= height - overlap);
          if (data[((y + top) * place.width + x + left) * 4 + 3] !== (isNear ? 255 : 0)) wrong += 1;
        }
      expect(wrong).toBe(0);
    }),
  );
});

test.each([
  [{ width: 64, height: 48 }, 4],
  [{ width: 768, height: 512 }, 6],
  [{ width: 4000, height: 6000 }, 47],
])("overlaps by few pixels, and by more where a picture is mostly seen small: %o", (size, pixels) => {
  expect(extensionOverlap(size)).toBe(pixels);
});

function placed({ width, height, data }: RgbaImage, place: PixelRect): Uint8Array {
  const canvas = new Uint8Array(place.width * place.height * 4);
  for (let y = 0; y < height; y += 1)
    canvas.set(data.subarray(y * width * 4, (y + 1) * width * 4), ((y - place.y) * place.width - place.x) * 4);
  return canvas;
}
