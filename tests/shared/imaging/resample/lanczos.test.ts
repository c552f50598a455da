import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FloatImage } from "../../../../shared/imaging/float-image.ts";
import { lanczos, StripResampler } from "../../../../shared/imaging/resample/lanczos.ts";

const line = (...data: readonly number[]): FloatImage => ({
  width: data.length,
  height: 1,
  channels: 1,
  data: Float32Array.from(data),
});

function noise(width: number, height: number): FloatImage {
  const data = Float32Array.from({ length: width * height * 3 }, (_, i) => (i * 2654435761) % 256);
  return { width, height, channels: 3, data };
}

const wholeOf = ({ width, height }: FloatImage) => ({ x: 0, y: 0, width, height });

describe("Lanczos resampling", () => {
  const samples = line(10, 200, 30, 90, 250, 0, 120);

  // PIL.Image.resize(…, LANCZOS) on a picture of mode "F", Pillow 13.0.
  it.each([
    {
      length: 11,
      expected: [-14.0788, 102.8961, 200.4948, 81.5553, 6.65, 90, 236.9716, 199.4864, 11.5425, 45.546, 139.5564],
    },
    { length: 3, expected: [84.3153, 123.2515, 100.6063] },
  ])("equals PIL's from 7 samples to $length", ({ length, expected }) => {
    const { data } = lanczos(samples, wholeOf(samples), length, 1);
    for (const [i, value] of expected.entries()) expect(data[i]).toBeCloseTo(value, 3);
  });

  it("equals PIL's over a box", () => {
    const { data } = lanczos(samples, { x: 1.5, y: 0, width: 4, height: 1 }, 4, 1);
    for (const [i, value] of [136.4902, 12.4728, 211.6304, 128.1894].entries()) expect(data[i]).toBeCloseTo(value, 3);
  });

  it("gives a picture of the wanted size back as it is", () => {
    const picture = noise(9, 7);
    expect(lanczos(picture, wholeOf(picture), 9, 7).data).toEqual(picture.data);
  });

  it("keeps plain ground plain at any scale", () => {
    const side = fc.integer({ min: 1, max: 50 });
    fc.assert(
      fc.property(side, side, side, side, (width, height, toWidth, toHeight) => {
        const plain = { width, height, channels: 1, data: new Float32Array(width * height).fill(77) };
        for (const value of lanczos(plain, wholeOf(plain), toWidth, toHeight).data) expect(value).toBeCloseTo(77, 3);
      }),
    );
  });

  it("makes the same of a picture in strips as of the whole, row after row", () => {
    const picture = noise(13, 40);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 90 }),
        fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 40, maxLength: 40 }),
        (height, strips) => {
          const resampler = new StripResampler(picture, { width: 20, height }, 3);
          const rows: number[] = [];
          let top = 0;
          for (const wanted of strips) {
            const taken = Math.min(wanted, 40 - top);
            const data = picture.data.subarray(top * 39, (top + taken) * 39);
            rows.push(...resampler.push({ width: 13, height: taken, channels: 3, data }).data);
            top += taken;
          }
          expect(rows).toEqual([...lanczos(picture, wholeOf(picture), 20, height).data]);
        },
      ),
      { numRuns: 30 },
    );
  });
});
