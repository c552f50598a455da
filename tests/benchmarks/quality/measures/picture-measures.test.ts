import { describe, expect, it } from "vitest";
import { edgeContrast } from "../../../../benchmarks/quality/measures/edge-contrast.ts";
import { peakSignalToNoise } from "../../../../benchmarks/quality/measures/peak-signal-to-noise.ts";
import { structuralSimilarity } from "../../../../benchmarks/quality/measures/structural-similarity.ts";
import type { RgbaImage } from "../../../../shared/imaging/rgba-image.ts";

type Colour = (x: number, y: number) => readonly [number, number, number];

function picture(width: number, height: number, colour: Colour): RgbaImage {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let i = 0; i < width * height; i++) data.set([...colour(i % width, Math.floor(i / width)), 255], i * 4);
  return { width, height, data };
}

const pattern: Colour = (x, y) => [(x * 37 + y * 11) % 256, (x * x + 3 * y) % 256, 255 - x * 5 - y * 2];
const truth = picture(24, 20, pattern);
const disturbed = picture(24, 20, (x, y) => {
  const [r, g, b] = pattern(x, y);
  return [r + (x % 3) * 9, g + (y % 4) * -6 + 5, b + ((x + y) % 5) * 4];
});
const edge = (blur: number): RgbaImage =>
  picture(64, 8, (x) => {
    const value = 128 + 80 * Math.tanh((x - 31.5) / blur);
    return [value, value, value];
  });

describe("signal to noise", () => {
  it("is the logarithm of the mean square over the three colours", () => {
    expect(peakSignalToNoise(disturbed, truth)).toBeCloseTo(28.36813, 4); // numpy
    expect(peakSignalToNoise(truth, truth)).toBe(Number.POSITIVE_INFINITY);
  });

  it("does not look at opacity", () => {
    const faint = { ...truth, data: truth.data.map((value, i) => (i % 4 === 3 ? 9 : value)) };
    expect(peakSignalToNoise(faint, truth)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("structural similarity", () => {
  it("equals the formula computed with numpy and scipy's Gaussian filter", () => {
    expect(structuralSimilarity(disturbed, truth)).toBeCloseTo(0.988508, 5);
  });

  it("is 1 for equal pictures, also those smaller than its window", () => {
    expect(structuralSimilarity(truth, truth)).toBeCloseTo(1, 6);
    const small = picture(3, 1, pattern);
    expect(structuralSimilarity(small, small)).toBeCloseTo(1, 6);
  });

  it("falls for lost structure, hardly for other brightness", () => {
    const brighter = { ...truth, data: truth.data.map((value, i) => (i % 4 === 3 ? value : value * 0.9 + 20)) };
    const plain = picture(24, 20, () => [128, 128, 128]);
    expect(structuralSimilarity(brighter, truth)).toBeGreaterThan(0.95);
    expect(structuralSimilarity(plain, truth)).toBeLessThan(0.1);
  });
});

describe("edge contrast", () => {
  it("falls with blur and is nothing on plain ground", () => {
    expect(edgeContrast(edge(1))).toBeGreaterThan(1.3 * edgeContrast(edge(3)));
    expect(edgeContrast(picture(5, 5, () => [9, 9, 9]))).toBe(0);
    expect(edgeContrast(picture(1, 1, () => [9, 9, 9]))).toBe(0);
  });

  it("is the root mean square of the steps between neighbours", () => {
    const step = picture(2, 1, (x) => [x * 30, x * 30, x * 30]);
    expect(edgeContrast(step)).toBeCloseTo(30, 3);
  });
});
