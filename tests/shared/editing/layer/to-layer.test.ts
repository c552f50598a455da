import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toLayer } from "../../../../shared/editing/layer/to-layer.ts";
import { resample } from "../../../../shared/imaging/resample/resample.ts";

function noisy(width: number, height: number) {
  const data = Float32Array.from({ length: width * height * 3 }, (_, i) => (i * 7919) % 256);
  return { width, height, channels: 3, data };
}

describe("toLayer", () => {
  test("has exactly the wanted size and, bit for bit, the given opacity", () => {
    const side = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(side, side, fc.infiniteStream(fc.nat({ max: 255 })), (width, height, levels) => {
        const data = Uint8Array.from({ length: width * height * 4 }, () => levels.next().value as number);
        const source = { width, height, data };
        const layer = toLayer(noisy(16, 24), { x: 0, y: 0, width: 16, height: 24 }, source, source);
        expect([layer.width, layer.height, layer.data.length]).toEqual([width, height, width * height * 4]);
        for (let i = 3; i < data.length; i += 4) expect(layer.data[i]).toBe(data[i]);
      }),
      { numRuns: 50 },
    );
  });

  test("is opaque without a source of opacity", () => {
    const layer = toLayer(noisy(4, 4), { x: 0, y: 0, width: 4, height: 4 }, { width: 3, height: 5 });
    expect(layer.data.filter((_, i) => i % 4 === 3)).toEqual(new Uint8ClampedArray(15).fill(255));
  });

  test("shows no line where it is put together from bands", () => {
    const drawn = noisy(8, 90);
    const size = { width: 11, height: 700 };
    const layer = toLayer(drawn, { x: 0, y: 1.5, width: 8, height: 88 }, size);
    const whole = resample(drawn, { x: 0, y: 1.5, width: 8, height: 88 }, 11, 700);
    for (let pixel = 0; pixel < 11 * 700; pixel += 1)
      for (let c = 0; c < 3; c += 1)
        expect(
          Math.abs(layer.data[pixel * 4 + c]! - Math.min(255, Math.max(0, whole.data[pixel * 3 + c]!))),
        ).toBeLessThan(0.51);
  });
});
