import fc from "fast-check";
import { expect, test } from "vitest";
import { blend } from "../../../../plugin/ui/source/blend-modes.ts";
import { composeLayers, type DecodedLayer } from "../../../../plugin/ui/source/compose-layers.ts";
import { layerOver } from "../../../../shared/imaging/compose/composite.ts";
import type { RgbaImage } from "../../../../shared/imaging/rgba-image.ts";
import { blendModes } from "../../../../shared/protocol/plugin/source.ts";

/** A picture whose pixels are all different. */
function noise(width: number, height: number, seed: number, alpha?: number): RgbaImage {
  const data = new Uint8Array(width * height * 4);
  let state = seed;
  for (let i = 0; i < data.length; i += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    data[i] = state >>> 24;
  }
  if (alpha !== undefined) for (let i = 3; i < data.length; i += 4) data[i] = alpha;
  return { width, height, data };
}

function layer(pixels: RgbaImage, change: Partial<DecodedLayer> = {}): DecodedLayer {
  return { pixels, matrix: [pixels.width, 0, 0, pixels.height, 2, 3], opacity: 1, blendMode: "normal", ...change };
}

function composed(source: RgbaImage, ...layers: readonly DecodedLayer[]): RgbaImage {
  const copy = { ...source, data: new Uint8Array(source.data) };
  composeLayers(copy, layers);
  return copy;
}

test("lays layers on the source's grid bit for bit, in their order", () => {
  const source = noise(12, 10, 1);
  const [lower, upper] = [layer(noise(5, 4, 2)), layer(noise(6, 3, 3), { matrix: [6, 0, 0, 3, 4, 4] })];
  const expected = layerOver(layerOver(source, lower.pixels, { x: 2, y: 3 }), upper.pixels, { x: 4, y: 4 });
  expect(composed(source, lower, upper).data).toEqual(expected.data);
});

test("takes the noise of positions for whole pixels", () => {
  const source = noise(12, 10, 1);
  const exact = layer(noise(5, 4, 2));
  const noisy = { ...exact, matrix: [5.0000004, 1e-8, -1e-8, 3.9999996, 2.0000003, 2.9999998] } as const;
  expect(composed(source, noisy).data).toEqual(composed(source, exact).data);
});

test("leaves every pixel beside a turned and scaled layer alone", () => {
  const source = noise(30, 30, 1);
  const angle = Math.PI / 6;
  const [cos, sin] = [Math.cos(angle) * 8, Math.sin(angle) * 8];
  const turned = layer(noise(4, 4, 2, 255), { matrix: [cos, sin, -sin, cos, 15, 8] });
  const after = composed(source, turned);
  for (let y = 0; y < 30; y += 1)
    for (let x = 0; x < 30; x += 1) {
      const at = (y * 30 + x) * 4;
      const away = Math.hypot(x + 0.5 - (15 + (cos - sin) / 2), y + 0.5 - (8 + (sin + cos) / 2));
      if (away > 6.5) expect(after.data.subarray(at, at + 4)).toEqual(source.data.subarray(at, at + 4));
    }
  expect(after.data).not.toEqual(source.data);
});

test("covers a plain ground with a plain layer evenly, whatever its place, but for its border", () => {
  const plain = (value: number, side: number): RgbaImage => ({
    width: side,
    height: side,
    data: new Uint8Array(side * side * 4).map((_, i) => (i % 4 === 3 ? 255 : value)),
  });
  const offset = fc.double({ min: 3, max: 5, noNaN: true });
  fc.assert(
    fc.property(offset, offset, fc.double({ min: 6, max: 9, noNaN: true }), (x, y, side) => {
      const { data } = composed(plain(40, 20), layer(plain(200, 5), { matrix: [side, 0, 0, side, x, y] }));
      const at = (column: number, row: number) => data[(row * 20 + column) * 4];
      expect(at(Math.ceil(x) + 1, Math.ceil(y) + 1)).toBe(200);
      // The border is as light as the layer covers it.
      const covered = Math.ceil(x) - x;
      if (covered > 0.01) expect(at(Math.floor(x), Math.ceil(y) + 1)).toBeCloseTo(40 + 160 * covered, -0.5);
      expect(at(1, 1)).toBe(40);
    }),
  );
});

test("shows the ground through a translucent layer, and lets the outline cut it", () => {
  const white: RgbaImage = { width: 4, height: 4, data: new Uint8Array(64).fill(255) };
  const black: RgbaImage = { width: 8, height: 8, data: new Uint8Array(256).map((_, i) => (i % 4 === 3 ? 255 : 0)) };
  const outline = { d: "M0 0H2V4H0Z", fillRule: "nonzero", matrix: [1, 0, 0, 1, 2, 3] } as const;
  const { data } = composed(black, layer(white, { opacity: 0.5, outline }));
  const at = (x: number, y: number) => data[(y * 8 + x) * 4];
  expect([at(2, 3), at(3, 6), at(4, 3), at(1, 3)]).toEqual([128, 128, 0, 0]);
});

// Values of the specification's formulas, worked out by hand for a backdrop of 0.25 and a source of 0.75 in every channel.
test.each([
  ["normal", 0.75],
  ["multiply", 0.1875],
  ["screen", 0.8125],
  ["overlay", 0.375],
  ["darken", 0.25],
  ["lighten", 0.75],
  ["color-dodge", 1],
  ["color-burn", 0],
  ["hard-light", 0.625],
  ["soft-light", 0.375],
  ["difference", 0.5],
  ["exclusion", 0.625],
  ["hue", 0.25],
  ["saturation", 0.25],
  ["color", 0.25],
  ["luminosity", 0.75],
] as const)("mixes colours as CSS does: %s", (mode, value) => {
  for (const channel of blend(mode, [0.25, 0.25, 0.25], [0.75, 0.75, 0.75])) expect(channel).toBeCloseTo(value, 9);
});

test("keeps a backdrop's luminosity under hue, saturation and colour, and takes the layer's under luminosity", () => {
  const channel = fc.double({ min: 0, max: 1, noNaN: true });
  const colour = fc.tuple(channel, channel, channel);
  const luminosity = ([r, g, b]: readonly [number, number, number]) => 0.3 * r + 0.59 * g + 0.11 * b;
  fc.assert(
    fc.property(colour, colour, (backdrop, source) => {
      for (const mode of ["hue", "saturation", "color"] as const)
        expect(luminosity(blend(mode, backdrop, source))).toBeCloseTo(luminosity(backdrop), 6);
      expect(luminosity(blend("luminosity", backdrop, source))).toBeCloseTo(luminosity(source), 6);
      for (const mode of blendModes)
        for (const value of blend(mode, backdrop, source)) {
          expect(value).toBeGreaterThanOrEqual(-1e-9);
          expect(value).toBeLessThanOrEqual(1 + 1e-9);
        }
    }),
  );
});

test("multiplies where the ground is and shows the layer itself where it is not", () => {
  const ground: RgbaImage = { width: 2, height: 1, data: Uint8Array.of(128, 128, 128, 255, 0, 0, 0, 0) };
  const red: RgbaImage = { width: 2, height: 1, data: Uint8Array.of(200, 100, 50, 255, 200, 100, 50, 255) };
  const { data } = composed(ground, layer(red, { matrix: [2, 0, 0, 1, 0, 0], blendMode: "multiply" }));
  expect([...data]).toEqual([100, 50, 25, 255, 200, 100, 50, 255]);
});
