import { describe, expect, it } from "vitest";
import { Mt19937 } from "../../../../shared/diffusion/random/mt19937.ts";
import { BatchNoise, TorchGenerator } from "../../../../shared/diffusion/random/torch-generator.ts";
import { type FixtureRange, readFixture } from "../../../support/fixture-file.ts";
import { largestDifference } from "../../../support/largest-difference.ts";

/** Normal draws: torch takes logarithm and sine in float32, here they are taken in double precision. */
const NORMAL_TOLERANCE = 1e-6;

const { content, floats } = readFixture<{
  /** Sizes of the normal tensors, drawn one after the other. */
  readonly sequence: readonly number[];
  readonly integerRange: number;
  readonly streams: readonly {
    readonly seed: number;
    readonly integers: readonly number[];
    readonly uniform: FixtureRange;
    readonly normal: readonly FixtureRange[];
  }[];
}>("random/streams");

describe.each(content.streams)("torch's CPU generator, seed $seed", ({ seed, integers, uniform, normal }) => {
  it("draws the same integers", () => {
    const engine = new Mt19937(seed);
    expect(integers.map(() => engine.nextUint32() % content.integerRange)).toEqual(integers);
  });

  it("draws the same uniform numbers", () => {
    const expected = floats(uniform);
    expect(new TorchGenerator(seed).uniform(expected.length)).toEqual(expected);
  });

  it("draws the same normal numbers, whatever sizes follow each other", () => {
    const generator = new TorchGenerator(seed);
    for (const [i, length] of content.sequence.entries())
      expect(largestDifference(generator.normal(length), floats(normal[i]!))).toBeLessThan(NORMAL_TOLERANCE);
  });
});

describe("noise for a batch", () => {
  it("gives image k what it gets alone with seed + k", () => {
    const batch = new BatchNoise(42, 3);
    const first = batch.normal(3 * 20);
    const second = batch.normal(3 * 5);
    for (const k of [0, 1, 2]) {
      const alone = new TorchGenerator(42 + k);
      expect(first.slice(k * 20, (k + 1) * 20)).toEqual(alone.normal(20));
      expect(second.slice(k * 5, (k + 1) * 5)).toEqual(alone.normal(5));
    }
  });
});
