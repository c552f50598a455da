import { expect, test } from "vitest";
import { quantiseBlocks } from "../../../../shared/weights/quantise/quantise-blocks.ts";
import { type FixtureRange, readFixture } from "../../../support/fixture-file.ts";

const { content, floats, bytes } = readFixture<{
  readonly columns: number;
  readonly weights: FixtureRange;
  readonly cases: readonly { readonly bits: 4 | 8; readonly packed: FixtureRange; readonly scales: FixtureRange }[];
}>("quantised/blocks");

test.each(content.cases)("rounds weights to $bits bits as NumPy does, to the last bit", ({ bits, packed, scales }) => {
  const quantised = quantiseBlocks(floats(content.weights), content.columns, bits);
  expect(quantised?.packed).toEqual(bytes(packed));
  // −0 and 0 are the same scale: of a block of zeros.
  expect(quantised?.scales.map((scale) => scale + 0)).toEqual(floats(scales).map((scale) => scale + 0));
});

test.each([Number.NaN, Number.POSITIVE_INFINITY])("answers nothing where a weight is %d", (wrong) => {
  expect(quantiseBlocks(Float32Array.of(1, wrong, 2, 3), 4, 8)).toBeUndefined();
});
