import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { pushPullFill } from "../../../../shared/imaging/fill/push-pull-fill.ts";

describe("pushPullFill", () => {
  test("keeps known pixels exactly and stays within the range of what is known", () => {
    const side = fc.integer({ min: 1, max: 17 });
    fc.assert(
      fc.property(side, side, fc.integer(), (width, height, salt) => {
        const data = new Float32Array(width * height);
        const weight = new Float32Array(width * height);
        for (let i = 0; i < data.length; i += 1) {
          data[i] = Math.abs((i * 97 + salt) % 200) + 20;
          weight[i] = (i * 7 + Math.abs(salt % 5)) % 3 === 0 ? 1 : 0;
        }
        weight[data.length - 1] = 1;
        const known = data.filter((_, i) => weight[i] === 1);
        const out = pushPullFill({ width, height, channels: 1, data }, weight);
        for (let i = 0; i < data.length; i += 1) {
          if (weight[i] === 1) expect(out.data[i]).toBe(data[i]);
          expect(out.data[i]).toBeGreaterThanOrEqual(Math.min(...known) - 0.01);
          expect(out.data[i]).toBeLessThanOrEqual(Math.max(...known) + 0.01);
        }
      }),
    );
  });

  test("answers the fallback where nothing is known", () => {
    const out = pushPullFill(
      { width: 5, height: 3, channels: 3, data: new Float32Array(45) },
      new Float32Array(15),
      90,
    );
    for (const value of out.data) expect(value).toBeCloseTo(90, 4);
  });
});
