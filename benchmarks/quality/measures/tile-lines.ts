import type { RgbaImage } from "../../../shared/imaging/rgba-image.ts";

/** Lines up to this many cells from a tile's border are what it is compared with. */
const NEARBY_CELLS = 3;
/** The border's own neighbours are part of it: no border is sharper than a pixel or two. */
const OWN = 1;
/** In pixels: where cells are smaller, as many lines are looked at as if they were this large. */
const MIN_CELL = 4;
/** Where a jump of more levels than this is near, the picture itself has an edge, beside which no border can be seen. */
const EDGE = 6;
/** Added to both energies, in squared levels: between perfectly flat tiles any rounding would be infinitely more. */
const FLOOR = 0.25;

/** Where tiles begin or end, in pixels: a border at x lies between the pixels x − 1 and x. */
export interface TileBorders {
  readonly columns: readonly number[];
  readonly rows: readonly number[];
}

/**
 * How much the borders of tiles show where the picture is smooth: the mean squared jump between neighbouring pixels across
 * them, over the same across nearby lines of the same grid of cells. 1 means that they are like any other line; tiles put
 * side by side unblended have several times more.
 *
 * @param cell pixels per latent cell, 1 where there are none: decoders leave a faint grid of cells everywhere, which is not
 *   what is looked for.
 * @param content what is shown, of the same size and free of tiles: its edges at a border are no fault of the border's. By
 *   default the image itself, which tells edges from borders only where they do not coincide.
 * @returns NaN where no border crosses smooth ground inside the picture
 */
export function tileLineMeasure(image: RgbaImage, borders: TileBorders, cell: number, content = image): number {
  const { width, height } = image;
  const energy = { atBorders: 0, borderPixels: 0, nearby: 0, nearbyPixels: 0 };
  for (const [positions, length, count, along, across] of [
    [borders.columns, width, height, width, 1],
    [borders.rows, height, width, 1, width],
  ] as const) {
    const jumpsAt = (lines: readonly number[], place: number, picture: RgbaImage): number[] =>
      lines.map((line) => squaredJump(picture, place * along + line * across, across));
    for (const { border, nearby, lines } of linesAround(positions, length, cell))
      for (let place = 0; place < count; place += 1) {
        const jumps = jumpsAt(nearby, place, image);
        const edges = content === image ? [] : jumpsAt(lines, place, content);
        if ([...jumps, ...edges].some((jump) => jump > EDGE ** 2)) continue;
        energy.atBorders += jumpsAt([border], place, image)[0]!;
        energy.borderPixels += 1;
        energy.nearby += jumps.reduce((sum, jump) => sum + jump, 0);
        energy.nearbyPixels += jumps.length;
      }
  }
  const { atBorders, borderPixels, nearby, nearbyPixels } = energy;
  if (borderPixels === 0) return Number.NaN;
  return (atBorders / borderPixels + FLOOR) / (nearby / nearbyPixels + FLOOR);
}

interface Surroundings {
  readonly border: number;
  /** All lines up to as far as the border is compared. */
  readonly lines: readonly number[];
  /** Those it is compared with. */
  readonly nearby: readonly number[];
}

/** The borders that lie inside an axis of `length` pixels, each with the lines around it. */
function linesAround(positions: readonly number[], length: number, cell: number): readonly Surroundings[] {
  const inside = new Set(positions.filter((position) => position > 0 && position < length));
  return [...inside].map((border) => {
    const reach = NEARBY_CELLS * Math.max(cell, MIN_CELL);
    const around = Array.from({ length: 2 * reach + 1 }, (_, i) => border - reach + i);
    const lines = around.filter((line) => line > 0 && line < length);
    const isAlike = (line: number): boolean => (line - border) % cell === 0 && Math.abs(line - border) > OWN;
    return { border, lines, nearby: lines.filter((line) => isAlike(line) && !inside.has(line)) };
  });
}

/** Mean over the colours of the squared difference between a pixel and the one `stride` pixels before it. */
function squaredJump({ data }: RgbaImage, pixel: number, stride: number): number {
  let sum = 0;
  for (let c = 0; c < 3; c += 1)
    sum += ((data[pixel * 4 + c] as number) - (data[(pixel - stride) * 4 + c] as number)) ** 2;
  return sum / 3;
}
