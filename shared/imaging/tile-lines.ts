import type { RgbaImage } from "./rgba-image.ts";

/** Lines up to this far from a tile's border, in pixels, are what it is compared with. */
const NEARBY = 12;
/** A jump of more levels than this is an edge of the picture, and counts as no more. */
const EDGE = 24;
/** Added to both energies, in squared levels: between perfectly flat tiles any rounding would be infinitely more. */
const FLOOR = 0.25;

/** Where tiles begin or end, in pixels: a border at x lies between the pixels x − 1 and x. */
export interface TileBorders {
  readonly columns: readonly number[];
  readonly rows: readonly number[];
}

/**
 * How much the borders of tiles show: the mean squared jump between neighbouring pixels across them, over the same across
 * the lines nearby. 1 means that they are like any other line; a picture put together from unblended tiles has several
 * times more.
 *
 * @returns NaN where no border lies inside the picture
 */
export function tileLineMeasure(image: RgbaImage, borders: TileBorders): number {
  const atBorders = { sum: 0, lines: 0 };
  const nearby = { sum: 0, lines: 0 };
  const measure = (positions: readonly number[], length: number, energyAt: (line: number) => number): void => {
    const inside = new Set(positions.filter((position) => position > 0 && position < length));
    for (let line = 1; line < length; line += 1) {
      const isBorder = inside.has(line);
      if (!isBorder && ![...inside].some((border) => Math.abs(border - line) <= NEARBY)) continue;
      const total = isBorder ? atBorders : nearby;
      total.sum += energyAt(line);
      total.lines += 1;
    }
  };
  measure(borders.columns, image.width, (x) => lineEnergy(image, x, "column"));
  measure(borders.rows, image.height, (y) => lineEnergy(image, y, "row"));
  if (atBorders.lines === 0) return Number.NaN;
  return (atBorders.sum / atBorders.lines + FLOOR) / (nearby.sum / nearby.lines + FLOOR);
}

/** Mean over the line's pixels of the squared jump from the pixel before, in all three colours. */
function lineEnergy({ width, height, data }: RgbaImage, line: number, axis: "column" | "row"): number {
  const [count, stride, start, before] =
    axis === "column" ? [height, width, line, -1] : [width, 1, line * width, -width];
  let energy = 0;
  for (let i = 0; i < count; i += 1) {
    const pixel = start + i * stride;
    for (let c = 0; c < 3; c += 1) {
      const jump = Math.abs((data[pixel * 4 + c] as number) - (data[(pixel + before) * 4 + c] as number));
      energy += Math.min(jump, EDGE) ** 2;
    }
  }
  return energy / count;
}
