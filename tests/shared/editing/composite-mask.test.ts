import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compositeMask, layerArea } from "../../../shared/editing/composite-mask.ts";
import { cutLayer } from "../../../shared/editing/cut-layer.ts";
import { layerOver } from "../../../shared/imaging/composite.ts";
import { maskBounds } from "../../../shared/imaging/mask-bounds.ts";
import type { GrayImage, RgbaImage } from "../../../shared/imaging/rgba-image.ts";

/** A picture and a mask of its size with at least one painted pixel. */
const scene = fc
  .tuple(fc.integer({ min: 1, max: 24 }), fc.integer({ min: 1, max: 24 }), fc.integer({ min: 0, max: 9 }))
  .chain(([width, height, blend]) =>
    fc
      .tuple(
        fc.uint8Array({ minLength: width * height * 4, maxLength: width * height * 4 }),
        fc.uint8Array({ minLength: width * height, maxLength: width * height }),
        fc.nat({ max: width * height - 1 }),
      )
      .map(([pixels, sparse, painted]) => {
        const data = sparse.map((value) => (value > 248 ? value : 0));
        data[painted] = 255;
        return { image: { width, height, data: pixels }, mask: { width, height, data }, blend };
      }),
  );

function layerOf(image: RgbaImage, mask: GrayImage, blend: number) {
  const painted = maskBounds(mask);
  if (painted === undefined) throw new Error("the scene has an empty mask");
  const area = layerArea(painted, blend, image);
  const alpha = compositeMask(mask, image, area, blend);
  const whole = { x: 0, y: 0, width: image.width, height: image.height };
  const drawn = { ...whole, channels: 3, data: new Float32Array(image.width * image.height * 3).fill(77) };
  return { area, alpha, layer: cutLayer(drawn, whole, area, alpha) };
}

function nearestPainted(mask: GrayImage, x: number, y: number): number {
  let nearest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < mask.data.length; i += 1) {
    if ((mask.data[i] as number) < 128) continue;
    nearest = Math.min(nearest, Math.hypot(x - (i % mask.width), y - Math.floor(i / mask.width)));
  }
  return nearest;
}

describe("an edit's layer", () => {
  test("is opaque inside the painted mask and changes no pixel farther than the blend from it", () => {
    fc.assert(
      fc.property(scene, ({ image, mask, blend }) => {
        const { area, layer } = layerOf(image, mask, blend);
        const shown = layerOver(image, layer, area);
        for (let y = 0; y < image.height; y += 1) {
          for (let x = 0; x < image.width; x += 1) {
            const i = y * image.width + x;
            const pixel = shown.data.slice(i * 4, i * 4 + 4);
            if ((mask.data[i] as number) >= 128) expect([...pixel]).toEqual([77, 77, 77, 255]);
            else if (nearestPainted(mask, x, y) > blend) expect(pixel).toEqual(image.data.slice(i * 4, i * 4 + 4));
          }
        }
      }),
    );
  });

  test("lies inside the image", () => {
    fc.assert(
      fc.property(scene, ({ image, mask, blend }) => {
        const { area } = layerOf(image, mask, blend);
        expect(area.x).toBeGreaterThanOrEqual(0);
        expect(area.y).toBeGreaterThanOrEqual(0);
        expect(area.x + area.width).toBeLessThanOrEqual(image.width);
        expect(area.y + area.height).toBeLessThanOrEqual(image.height);
      }),
    );
  });

  test("leaves no halo where the source is transparent", () => {
    fc.assert(
      fc.property(scene, ({ image, mask, blend }) => {
        const clear = { ...image, data: image.data.map((value, i) => (i % 4 === 3 ? 0 : value)) };
        const { area, alpha } = layerOf(clear, mask, blend);
        for (let i = 0; i < alpha.length; i += 1) {
          const x = area.x + (i % area.width);
          const y = area.y + Math.floor(i / area.width);
          expect(alpha[i]).toBe((mask.data[y * mask.width + x] as number) >= 128 ? 255 : 0);
        }
      }),
    );
  });

  test("fades smoothly: opacity falls with the distance from the mask", () => {
    const image = { width: 21, height: 1, data: new Uint8Array(84).fill(255) };
    const mask = { width: 21, height: 1, data: new Uint8Array(21) };
    mask.data[10] = 255;
    const { alpha } = layerOf(image, mask, 6);
    // The layer covers x = 4..16; its right half falls from the painted pixel outwards.
    const right = [...alpha.slice(6)];
    expect(right[0]).toBe(255);
    for (let i = 1; i < right.length; i += 1) expect(right[i]).toBeLessThan(right[i - 1] as number);
    expect(right.at(-1)).toBeGreaterThan(0);
  });
});
