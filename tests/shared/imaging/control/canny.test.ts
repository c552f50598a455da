import { expect, test } from "vitest";
import { cannyEdges } from "../../../../shared/imaging/control/canny.ts";
import { type FixtureRange, readFixture } from "../../../support/fixture-file.ts";

const { content, bytes } = readFixture<{
  readonly canny: readonly {
    readonly size: readonly [width: number, height: number];
    readonly picture: FixtureRange;
    readonly edges: FixtureRange;
  }[];
}>("checkpoints/controls");

test.each(content.canny)("finds the edges that OpenCV finds in $size pixels", ({ size, picture, edges }) => {
  const [width, height] = size;
  const found = cannyEdges({ width, height, channels: 3, data: Float32Array.from(bytes(picture)) });
  expect(Uint8Array.from(found)).toEqual(bytes(edges));
});
