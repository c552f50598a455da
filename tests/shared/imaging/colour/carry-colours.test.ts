import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { carryColours } from "../../../../shared/imaging/colour/carry-colours.ts";
import { oklabToSrgb, srgbToOklab } from "../../../../shared/imaging/colour/oklab.ts";
import type { FloatImage } from "../../../../shared/imaging/float-image.ts";

function paint(width: number, height: number, colour: (x: number, y: number) => readonly number[]): FloatImage {
  const data = new Float32Array(width * height * 3);
  for (let i = 0; i < width * height; i += 1) data.set(colour(i % width, Math.floor(i / width)), i * 3);
  return { width, height, channels: 3, data };
}

/** Mean and deviation of each Oklab channel. */
function statistics({ data }: FloatImage): number[] {
  const colours = Array.from({ length: data.length / 3 }, (_, i) =>
    srgbToOklab(data[i * 3]!, data[i * 3 + 1]!, data[i * 3 + 2]!),
  );
  return [0, 1, 2].flatMap((c) => {
    const mean = colours.reduce((sum, colour) => sum + colour[c]!, 0) / colours.length;
    return [mean, Math.sqrt(colours.reduce((sum, colour) => sum + (colour[c]! - mean) ** 2, 0) / colours.length)];
  });
}

const blue = paint(20, 10, (x, y) => [60 + 2 * x, 80 + 3 * y, 150 + x]);
const red = paint(7, 13, (x, y) => [150 + 3 * y, 70 + 4 * x, 60 + x * y * 0.4]);

describe("carryColours", () => {
  test("gives the picture the reference's mean and spread of colour", () => {
    const carried = statistics(carryColours(blue, [red], 1));
    for (const [i, value] of statistics(red).entries()) expect(carried[i]).toBeCloseTo(value, 2);
  });

  test("gives it the mean of what two references have", () => {
    const green = paint(11, 9, (x, y) => [70 + 5 * x, 120 + 6 * y, 80 + 2 * x]);
    const carried = statistics(carryColours(blue, [red, green], 1));
    const [ofRed, ofGreen] = [statistics(red), statistics(green)];
    for (const [i, value] of carried.entries()) expect(value).toBeCloseTo((ofRed[i]! + ofGreen[i]!) / 2, 2);
  });

  test("changes nothing at share 0", () => {
    const same = carryColours(blue, [red], 0).data;
    for (const [i, value] of blue.data.entries()) expect(same[i]).toBeCloseTo(value, 1);
  });

  test("does not tear a nearly flat picture into a colourful one", () => {
    const flat = paint(16, 16, (x) => [100 + (x % 2), 100, 100]);
    const deviation = statistics(carryColours(flat, [red], 1))[1]!;
    expect(deviation / statistics(flat)[1]!).toBeLessThan(2.6);
  });
});

test("Oklab and back is the same colour, and grey has no hue", () => {
  const level = fc.double({ min: 0, max: 255, noNaN: true });
  fc.assert(
    fc.property(level, level, level, (red, green, blue) => {
      const back = oklabToSrgb(srgbToOklab(red, green, blue));
      for (const [c, value] of [red, green, blue].entries()) expect(Math.abs(back[c]! - value)).toBeLessThan(0.01);
      const grey = srgbToOklab(red, red, red);
      expect(Math.hypot(grey[1], grey[2])).toBeLessThan(1e-6);
    }),
  );
});
