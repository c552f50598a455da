import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type AlphaPlane,
  type DecodeAlpha,
  drawRegion,
  type MaskPatch,
} from "../../../../../plugin/ui/masks/shapes/draw-region.ts";
import type { MaskRegion } from "../../../../../shared/protocol/plugin/mask.ts";
import { applyMatrix, identity, invert } from "../../../../../shared/protocol/plugin/matrix.ts";
import type { Matrix, Outline } from "../../../../../shared/protocol/plugin/outline.ts";
import { referenceMask, worstLevel } from "../../support/reference-mask.ts";

const size = { width: 24, height: 20 };
const noPictures: DecodeAlpha = async () => {
  throw new Error("there are no pictures here");
};

const outline = (d: string, matrix: Matrix = identity, fillRule: Outline["fillRule"] = "nonzero"): MaskRegion => ({
  type: "outline",
  outline: { d, fillRule, matrix },
});

/** The patch on a grid of the picture's size. */
function onPicture(patch: MaskPatch | undefined): number[] {
  const whole = new Array<number>(size.width * size.height).fill(0);
  if (patch === undefined) return whole;
  const { place, data } = patch;
  for (let i = 0; i < data.length; i += 1) {
    const [x, y] = [place.x + (i % place.width), place.y + Math.floor(i / place.width)];
    whole[y * size.width + x] = data[i] ?? 0;
  }
  return whole;
}

const reference = (isInside: (x: number, y: number) => boolean) => referenceMask(size, isInside);

const turned = (degrees: number, sx: number, sy: number, x: number, y: number): Matrix => {
  const angle = (degrees * Math.PI) / 180;
  return [Math.cos(angle) * sx, Math.sin(angle) * sx, -Math.sin(angle) * sy, Math.cos(angle) * sy, x, y];
};
const within = (matrix: Matrix, isInside: (x: number, y: number) => boolean) => {
  const back = invert(matrix);
  return (x: number, y: number) => {
    const own = applyMatrix(back, { x, y });
    return isInside(own.x, own.y);
  };
};
const box = (x: number, y: number) => x >= 0 && x <= 10 && y >= 0 && y <= 8;
const disc = (x: number, y: number) => ((x - 5) / 5) ** 2 + ((y - 4) / 4) ** 2 <= 1;

test.each<[string, string, Outline["fillRule"], (x: number, y: number) => boolean]>([
  ["a rectangle", "M0 0H10V8H0Z", "nonzero", box],
  ["an ellipse", "M0 4A5 4 0 0 1 10 4A5 4 0 0 1 0 4Z", "nonzero", disc],
  [
    "a hole by even and odd",
    "M0 0H10V8H0ZM2.3 2.1H7.7V6.2H2.3Z",
    "evenodd",
    (x, y) => box(x, y) && !(x > 2.3 && x < 7.7 && y > 2.1 && y < 6.2),
  ],
  [
    "a hole that runs the other way",
    "M0 0H10V8H0ZM2.3 2.1V6.2H7.7V2.1Z",
    "nonzero",
    (x, y) => box(x, y) && !(x > 2.3 && x < 7.7 && y > 2.1 && y < 6.2),
  ],
  [
    "a line that crosses itself",
    "M0 0L10 8V0L0 8Z",
    "nonzero",
    (x, y) => box(x, y) && Math.abs(y - 4) <= Math.abs(x - 5) * 0.8,
  ],
  ["an open path, closed", "M0 0L10 0L5 8", "nonzero", (x, y) => y >= 0 && y <= 8 - 1.6 * Math.abs(x - 5)],
  ["shapes that overlap", "M0 0H6V8H0ZM4 0H10V8H4Z", "nonzero", box],
])("covers pixels as far as %s does, turned and scaled", async (_, d, fillRule, isInside) => {
  for (const matrix of [turned(0, 1.7, 2.1, 2.37, 1.61), turned(27, 1.3, 1.1, 8.2, 1.4)]) {
    const drawn = onPicture(await drawRegion(outline(d, matrix, fillRule), size, noPictures));
    expect(worstLevel(drawn, reference(within(matrix, isInside)))).toBeLessThanOrEqual(1);
  }
});

/** Area of the overlap of an upright box and a pixel, exactly. */
const overlap = (from: number, to: number, pixel: number) =>
  Math.max(0, Math.min(to, pixel + 1) - Math.max(from, pixel));

test("is exact to half a level for upright boxes, wherever they begin", async () => {
  const side = (limit: number) => fc.double({ min: -2, max: limit + 2, noNaN: true });
  await fc.assert(
    fc.asyncProperty(side(size.width), side(size.width), side(size.height), side(size.height), async (a, b, c, e) => {
      const [left, right, top, bottom] = [Math.min(a, b), Math.max(a, b), Math.min(c, e), Math.max(c, e)];
      const drawn = onPicture(
        await drawRegion(outline(`M${left} ${top}H${right}V${bottom}H${left}Z`), size, noPictures),
      );
      const expected = drawn.map(
        (_, i) => 255 * overlap(left, right, i % size.width) * overlap(top, bottom, Math.floor(i / size.width)),
      );
      expect(worstLevel(drawn, expected)).toBeLessThanOrEqual(0.51);
    }),
    { numRuns: 60 },
  );
});

test("covers as much as a circle's area, however large it is", async () => {
  const radius = 900.3;
  const d = `M${-radius} 0A${radius} ${radius} 0 0 1 ${radius} 0A${radius} ${radius} 0 0 1 ${-radius} 0Z`;
  const image = { width: 2_000, height: 2_000 };
  const patch = await drawRegion(outline(d, [1, 0, 0, 1, 1_000.2, 999.7]), image, noPictures);
  const covered = [...(patch?.data ?? [])].reduce((sum, value) => sum + value / 255, 0);
  // Half a level along the whole of its border.
  expect(Math.abs(covered - Math.PI * radius ** 2)).toBeLessThan((2 * Math.PI * radius * 0.5) / 255);
});

const square = (x: number, y: number, side: number) => outline(`M${x} ${y}h${side}v${side}h${-side}Z`);

test("unites a group's shapes and keeps them to its mask", async () => {
  const regions = [square(2, 2, 4), square(4, 4, 4)];
  const drawn = onPicture(await drawRegion({ type: "union", regions, within: square(0, 0, 6) }, size, noPictures));
  const expected = reference(
    (x, y) => x < 6 && y < 6 && ((x > 2 && x < 6 && y > 2 && y < 6) || (x > 4 && x < 8 && y > 4 && y < 8)),
  );
  expect(worstLevel(drawn, expected)).toBe(0);
});

test("takes a picture's opacity pixel for pixel where it lies on the grid, and gives its own translucency back", async () => {
  const alpha: AlphaPlane = { width: 3, height: 2, data: Uint8Array.of(0, 40, 80, 120, 100, 60) };
  const picture: MaskRegion = {
    type: "picture",
    bytes: Uint8Array.of(),
    mime: "image/png",
    matrix: [3, 0, 0, 2, 5, 4],
    opacity: 0.5,
  };
  expect(await drawRegion(picture, size, async () => alpha)).toEqual({
    place: { x: 5, y: 4, width: 3, height: 2 },
    data: Uint8Array.of(0, 80, 160, 240, 200, 120),
  });
});

test("averages a picture that is finer than the grid", async () => {
  const alpha: AlphaPlane = { width: 4, height: 4, data: new Uint8Array(16).map((_, i) => (i % 2) * 200) };
  const region: MaskRegion = {
    type: "picture",
    bytes: Uint8Array.of(),
    mime: "image/png",
    matrix: [2, 0, 0, 2, 1, 1],
    opacity: 1,
  };
  const patch = await drawRegion(region, size, async () => alpha);
  for (const value of patch?.data ?? []) expect(Math.abs(value - 100)).toBeLessThanOrEqual(26);
});

test("draws nothing of shapes beside the picture", async () => {
  expect(await drawRegion(square(-20, 2, 4), size, noPictures)).toBeUndefined();
  expect(await drawRegion(outline("M0 0L5 0"), size, noPictures)).toBeUndefined();
});
