import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compositeMask, layerArea } from "../../../../shared/editing/layer/composite-mask.ts";
import { cutLayer } from "../../../../shared/editing/layer/cut-layer.ts";
import { layerOver } from "../../../../shared/imaging/compose/composite.ts";
import { describeMask } from "../../../../shared/imaging/mask/describe-mask.ts";
import type { GrayImage, RgbaImage } from "../../../../shared/imaging/rgba-image.ts";
import type { PixelRect } from "../../../../shared/protocol/geometry.ts";

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
        const data = sparse.map((value) => (value > 249 ? value : 0));
        data[painted] = 255;
        return { image: { width, height, data: pixels }, mask: { width, height, data }, blend };
      }),
  );

function union(a: PixelRect, b: PixelRect): PixelRect {
  const x = Math.min(a.x, b.x);
  const y = Math.min(a.y, b.y);
  const width = Math.max(a.x + a.width, b.x + b.width) - x;
  return { x, y, width, height: Math.max(a.y + a.height, b.y + b.height) - y };
}

function layerOf(image: RgbaImage, mask: GrayImage, blend: number) {
  const painted = describeMask(mask)
    ?.holes.map(({ bounds }) => bounds)
    .reduce(union);
  if (painted === undefined) throw new Error("the scene has an empty mask");
  const area = layerArea(painted, blend, image);
  const alpha = compositeMask(mask, painted, image, area, blend);
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
            if ((mask.data[i] as number) >= 250) expect([...pixel]).toEqual([77, 77, 77, 255]);
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
          expect(alpha[i]).toBe((mask.data[y * mask.width + x] as number) >= 250 ? 255 : 0);
        }
      }),
    );
  });

  test("shows a soft brush as soft as it was painted, and a hard edge through the blend", () => {
    const image = { width: 64, height: 1, data: new Uint8Array(64 * 4).fill(255) };
    // White up to 20, then falling over 24 pixels: much softer than the blend.
    const soft = Uint8Array.from({ length: 64 }, (_, x) => Math.min(255, Math.max(0, Math.round((44 - x) * 10.6))));
    const { alpha, area } = layerOf(image, { width: 64, height: 1, data: soft }, 3);
    for (let x = area.x; x < area.x + area.width; x += 1) {
      expect(alpha[x - area.x]).toBeGreaterThanOrEqual(soft[x] as number);
      expect(alpha[x - area.x]).toBeLessThanOrEqual((soft[x] as number) + 48);
    }
    const hard = soft.map((value) => (value >= 128 ? 255 : 0));
    expect(layerOf(image, { width: 64, height: 1, data: hard }, 3).alpha[31]).toBe(255);
  });

  test("is the same in bands as in one piece", () => {
    const [width, height] = [3, 1100];
    const image = { width, height, data: new Uint8Array(width * height * 4).fill(255) };
    const mask = { width, height, data: new Uint8Array(width * height) };
    for (const y of [500, 513, 1030]) mask.data[y * width + 1] = 255;
    const { alpha, area } = layerOf(image, mask, 9);
    for (let i = 0; i < alpha.length; i += 1) {
      const away = nearestPainted(mask, area.x + (i % area.width), area.y + Math.floor(i / area.width));
      const share = Math.max(0, 1 - away / 10);
      expect(alpha[i]).toBe(away === 0 ? 255 : away > 9 ? 0 : Math.round(share * share * (3 - 2 * share) * 255));
    }
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
