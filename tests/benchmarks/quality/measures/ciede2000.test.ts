import { describe, expect, test } from "vitest";
import { ciede2000 } from "../../../../benchmarks/quality/measures/ciede2000.ts";
import { type Lab, srgbToLab } from "../../../../benchmarks/quality/measures/lab.ts";

describe("ciede2000", () => {
  // Sharma, Wu, Dalal 2005, table 1: pairs 1, 4, 7, 9, 13, 16, 17, 20, 25, 31, 34
  test.each<[Lab, Lab, number]>([
    [[50, 2.6772, -79.7751], [50, 0, -82.7485], 2.0425],
    [[50, -1.3802, -84.2814], [50, 0, -82.7485], 1],
    [[50, 0, 0], [50, -1, 2], 2.3669],
    [[50, 2.49, -0.001], [50, -2.49, 0.0009], 7.1792],
    [[50, -0.001, 2.49], [50, 0.0009, -2.49], 4.8045],
    [[50, 2.5, 0], [50, 0, -2.5], 4.3065],
    [[50, 2.5, 0], [73, 25, -18], 27.1492],
    [[50, 2.5, 0], [58, 24, 15], 19.4535],
    [[60.2574, -34.0099, 36.2677], [60.4626, -34.1751, 39.4387], 1.2644],
    [[90.8027, -2.0831, 1.441], [91.1528, -1.6435, 0.0447], 1.4441],
    [[2.0776, 0.0795, -1.135], [0.9033, -0.0636, -0.5514], 0.9082],
  ])("%j and %j differ by %f", (one, other, expected) => {
    expect(ciede2000(one, other)).toBeCloseTo(expected, 4);
    expect(ciede2000(other, one)).toBeCloseTo(expected, 4);
  });
});

describe("srgbToLab", () => {
  // Bruce Lindbloom's calculator, sRGB, D65, no adaptation
  test.each<[number, number, number, Lab]>([
    [255, 255, 255, [100, 0, 0]],
    [0, 0, 0, [0, 0, 0]],
    [255, 0, 0, [53.2408, 80.0925, 67.2032]],
    [0, 0, 255, [32.297, 79.1875, -107.8602]],
    [119, 119, 119, [50.0344, 0, 0]],
  ])("sRGB %d %d %d", (red, green, blue, expected) => {
    for (const [i, value] of srgbToLab(red, green, blue).entries()) expect(value).toBeCloseTo(expected[i]!, 1);
  });
});
