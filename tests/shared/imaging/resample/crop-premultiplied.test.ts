import { describe, expect, test } from "vitest";
import { cropPremultiplied } from "../../../../shared/imaging/resample/crop-premultiplied.ts";

const image = { width: 3, height: 2, data: new Uint8Array(24) };
for (let pixel = 0; pixel < 6; pixel += 1) image.data.set([pixel * 10, 0, 100, pixel === 5 ? 51 : 255], pixel * 4);

describe("cropPremultiplied", () => {
  test("cuts pixels out, colours times alpha, and repeats the border beyond the picture", () => {
    const { width, height, data } = cropPremultiplied(image, { x: 1, y: 1, width: 3, height: 2 });
    expect([width, height]).toEqual([3, 2]);
    const row = [40, 0, 100, 255, 10, 0, 20, 51, 10, 0, 20, 51];
    for (const [i, value] of [...row, ...row].entries()) expect(data[i]).toBeCloseTo(value, 3);
  });

  test("averages blocks, the last of a row over what is left", () => {
    const { width, height, data } = cropPremultiplied(image, { x: 0, y: 0, width: 3, height: 2 }, 2);
    expect([width, height]).toEqual([2, 1]);
    const expected = [20, 0, 100, 255, (20 + 10) / 2, 0, (100 + 20) / 2, (255 + 51) / 2];
    for (const [i, value] of expected.entries()) expect(data[i]).toBeCloseTo(value, 3);
  });

  test("has no opacity to carry where everything is opaque", () => {
    const { channels, data } = cropPremultiplied(image, { x: 0, y: 0, width: 2, height: 2 });
    expect(channels).toBe(3);
    expect([...data]).toEqual([0, 0, 100, 10, 0, 100, 30, 0, 100, 40, 0, 100]);
  });
});
