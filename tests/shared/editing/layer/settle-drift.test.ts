import fc from "fast-check";
import { expect, test } from "vitest";
import { settleDrift } from "../../../../shared/editing/layer/settle-drift.ts";
import type { FloatImage } from "../../../../shared/imaging/float-image.ts";
import { wavy, withPatch } from "../../imaging/drift/synthetic.ts";

const size = { width: 144, height: 128 };
const source = wavy(size.width, size.height);
const known = new Uint8Array(size.width * size.height).fill(1);
const patch = { x: 40, y: 50, width: 36, height: 28 };
/** Pixels around a patch that may be drawn softly. */
const AROUND = 16;
/** Pixels along the border for which a shifted drawing has nothing. */
const BORDER = 12;

function recoloured(picture: FloatImage, gain: number, offset: readonly number[]): FloatImage {
  return { ...picture, data: picture.data.map((value, i) => value * gain + offset[i % 3]!) };
}

/** As it is when it was stored. */
function inLevels(picture: FloatImage): FloatImage {
  return { ...picture, data: picture.data.map(Math.round) };
}

/** Largest difference from the source away from the patch and the border. */
function largestOff({ data }: FloatImage): number {
  let most = 0;
  for (let y = BORDER; y < size.height - BORDER; y += 1)
    for (let x = BORDER; x < size.width - BORDER; x += 1) {
      const isNear =
        x >= patch.x - AROUND &&
        x < patch.x + patch.width + AROUND &&
        y >= patch.y - AROUND &&
        y < patch.y + patch.height + AROUND;
      if (isNear) continue;
      for (let c = 0; c < 3; c += 1) {
        const i = (y * size.width + x) * 3 + c;
        most = Math.max(most, Math.abs(data[i]! - source.data[i]!));
      }
    }
  return most;
}

/** Pixels well inside of a patch that are not taken as drawn, and ones well outside that are. */
function misjudged(coverage: Float32Array, { x, y, width, height }: typeof patch): readonly number[] {
  return [...coverage.keys()].filter((pixel) => {
    const [column, row] = [pixel % size.width, Math.floor(pixel / size.width)];
    const away = Math.max(x - column, column - (x + width - 1), y - row, row - (y + height - 1));
    return (away < -3 && coverage[pixel] !== 1) || (away > AROUND && coverage[pixel] !== 0);
  });
}

test("takes a shift of (3, −2) pixels and a cast back within one level, and finds what changed alone", () => {
  const changed = withPatch(source, patch, [230, 40, 60]);
  const shifted = wavy(size.width, size.height, (x, y) => ({ x: x - 3, y: y + 2 }));
  const drawn = withPatch(shifted, { ...patch, x: patch.x + 3, y: patch.y - 2 }, [230, 40, 60]);
  const settled = settleDrift(inLevels(recoloured(drawn, 0.96, [9, -5, 12])), source, known);
  expect(settled.changed).toBe("part");
  expect(largestOff(settled.picture)).toBeLessThan(1);
  expect(misjudged(settled.coverage, patch)).toEqual([]);
  const inside = ((patch.y + 10) * size.width + patch.x + 10) * 3;
  for (let c = 0; c < 3; c += 1)
    expect(Math.abs(settled.picture.data[inside + c]! - changed.data[inside + c]!)).toBeLessThan(1.5);
});

test("changes nothing where the source itself was drawn, shifted or coloured or not", () => {
  fc.assert(
    fc.property(
      fc.double({ min: -4, max: 4, noNaN: true }),
      fc.double({ min: -4, max: 4, noNaN: true }),
      fc.double({ min: 0.94, max: 1.06, noNaN: true }),
      fc.tuple(...([0, 1, 2] as const).map(() => fc.integer({ min: -6, max: 6 }))),
      (across, down, gain, offset) => {
        const shifted = wavy(size.width, size.height, (x, y) => ({ x: x - across, y: y - down }));
        const settled = settleDrift(recoloured(shifted, gain, offset), source, known);
        expect(settled.changed).toBe("nothing");
        expect(settled.coverage.every((share) => share === 0)).toBe(true);
        expect(largestOff(settled.picture)).toBeLessThan(1);
      },
    ),
    { numRuns: 15 },
  );
});

test("finds a patch wherever it is, in a picture that was shifted by parts of pixels", () => {
  fc.assert(
    fc.property(
      fc.record({ x: fc.integer({ min: 16, max: 70 }), y: fc.integer({ min: 16, max: 60 }) }),
      fc.integer({ min: 12, max: 48 }),
      fc.double({ min: -3, max: 3, noNaN: true }),
      (place, side, across) => {
        const drawn = withPatch(
          wavy(size.width, size.height, (x, y) => ({ x: x - across, y })),
          { ...place, width: side, height: side },
          [250, 250, 20],
        );
        const { changed, coverage } = settleDrift(drawn, source, known);
        expect(changed).toBe("part");
        expect(misjudged(coverage, { ...place, width: side, height: side })).toEqual([]);
      },
    ),
    { numRuns: 15 },
  );
});

test("takes a small zoom back", () => {
  const [middleX, middleY] = [(size.width - 1) / 2, (size.height - 1) / 2];
  const zoomed = wavy(size.width, size.height, (x, y) => ({
    x: middleX + (x - middleX) / 1.01,
    y: middleY + (y - middleY) / 1.01,
  }));
  const { changed, picture } = settleDrift(zoomed, source, known);
  expect(changed).toBe("nothing");
  expect(largestOff(picture)).toBeLessThan(1);
});

test("keeps all of a picture that was changed all over, as it was drawn", () => {
  const night = { ...source, data: source.data.map((value, i) => value * (i % 3 === 2 ? 0.5 : 0.25)) };
  expect(settleDrift(night, source, known)).toMatchObject({ changed: "everything", picture: night });
  const other = wavy(size.width, size.height, (x, y) => ({ x: y * 1.7 + 300, y: x * 0.6 }));
  expect(settleDrift(other, source, known)).toMatchObject({ changed: "everything", picture: other });
});

test("measures drift over what is known alone", () => {
  const outside = known.map((_, pixel) => (pixel % size.width < 72 ? 1 : 0));
  const half = wavy(size.width, size.height, (x, y) => (x < 80 ? { x: x - 2, y } : { x: 500 - 3 * x, y: 2 * y }));
  const { changed, picture } = settleDrift(half, source, outside);
  expect(changed).toBe("nothing");
  const at = (60 * size.width + 40) * 3;
  expect(Math.abs(picture.data[at]! - source.data[at]!)).toBeLessThan(1);
});

test("takes no change of colour for a cast that is larger than one", () => {
  const bright = recoloured(source, 1, [40, 40, 40]);
  expect(settleDrift(bright, source, known)).toMatchObject({ changed: "everything", picture: bright });
});

test("finds no change in what lies beside an unknown part that was drawn differently", () => {
  const left = known.map((_, pixel) => (pixel % size.width < 72 ? 1 : 0));
  const drawn = withPatch(source, { x: 72, y: 0, width: 72, height: size.height }, [255, 255, 255]);
  expect(settleDrift(drawn, source, left).changed).toBe("nothing");
});
