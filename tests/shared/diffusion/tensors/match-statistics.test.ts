import { describe, expect, test } from "vitest";
import { matchStatistics } from "../../../../shared/diffusion/tensors/match-statistics.ts";

const content = Float32Array.from({ length: 2 * 60 }, (_, i) => Math.sin(i * 1.7) * 3 + (i < 60 ? 5 : -1));
const style = Float32Array.from({ length: 2 * 35 }, (_, i) => Math.cos(i * 2.3) * 0.4 + (i < 35 ? 0.5 : 9));

function moments(values: Float32Array): readonly [mean: number, deviation: number] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return [mean, Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)];
}

describe("matchStatistics", () => {
  test("gives each channel the style's mean and deviation", () => {
    const matched = matchStatistics(content, [style], 2, 1);
    for (const channel of [0, 1]) {
      const [mean, deviation] = moments(matched.subarray(channel * 60, channel * 60 + 60));
      const [styleMean, styleDeviation] = moments(style.subarray(channel * 35, channel * 35 + 35));
      expect(mean).toBeCloseTo(styleMean, 4);
      expect(deviation).toBeCloseTo(styleDeviation, 4);
    }
  });

  test("leaves the content as it is at share 0, and goes half the way at one half", () => {
    expect(matchStatistics(content, [style], 2, 0)).toEqual(content);
    const [mean] = moments(matchStatistics(content, [style], 2, 0.5).subarray(0, 60));
    expect(mean).toBeCloseTo((moments(content.subarray(0, 60))[0] + moments(style.subarray(0, 35))[0]) / 2, 4);
  });

  test("takes over the mean of what two styles have, as the mean of what each alone would give", () => {
    const other = Float32Array.from({ length: 2 * 24 }, (_, i) => Math.sin(i * 0.9) * 2 - 4);
    const alone = [style, other].map((each) => matchStatistics(content, [each], 2, 0.8));
    const together = matchStatistics(content, [style, other], 2, 0.8);
    for (const [i, value] of together.entries()) expect(value).toBeCloseTo((alone[0]![i]! + alone[1]![i]!) / 2, 4);
  });

  test("moves a flat channel without inventing detail in it", () => {
    expect(matchStatistics(new Float32Array(8).fill(3), [style.subarray(0, 35)], 1, 1)).toEqual(
      new Float32Array(8).fill(moments(style.subarray(0, 35))[0]),
    );
  });
});
