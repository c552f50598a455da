import { expect, test } from "vitest";
import { cutLayer } from "../../../../shared/editing/layer/cut-layer.ts";
import { resample } from "../../../../shared/imaging/resample/resample.ts";

test("is the same in bands as in one piece", () => {
  // Enlarged fifty times: a layer of three bands, whose seams lie inside drawn pixels.
  const drawn = { width: 4, height: 15, channels: 3, data: new Float32Array(180).map((_, i) => (i * 89) % 200) };
  const context = { x: 0, y: 0, width: 40, height: 750 };
  const area = { x: 3, y: 21, width: 30, height: 700 };
  const layer = cutLayer(drawn, context, area, new Uint8Array(area.width * area.height).fill(200));
  const from = { x: 0.3, y: 0.42, width: 3, height: 14 };
  const whole = new Uint8ClampedArray(resample(drawn, from, area.width, area.height).data);
  // A band's own position is rounded once: a value halfway between two levels may fall either way.
  const differences = whole.map((value, i) => Math.abs(layer.data[Math.floor(i / 3) * 4 + (i % 3)]! - value));
  expect(Math.max(...differences)).toBeLessThanOrEqual(1);
  expect(layer.data.filter((_, i) => i % 4 === 3).every((alpha) => alpha === 200)).toBe(true);
});

test("hides nothing under full transparency", () => {
  const drawn = { width: 2, height: 1, channels: 3, data: new Float32Array(6).fill(99) };
  const place = { x: 0, y: 0, width: 2, height: 1 };
  expect([...cutLayer(drawn, place, place, Uint8Array.of(0, 7)).data]).toEqual([0, 0, 0, 0, 99, 99, 99, 7]);
});
