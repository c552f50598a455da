import { wholeOf } from "../../protocol/geometry.ts";
import { luminance } from "../colour/brightness.ts";
import type { FloatImage } from "../float-image.ts";
import { resample } from "../resample/resample.ts";

/** Pixels along a side that become one. */
const TILE_BLOCK = 8;
/** From here on, a value counts as white. */
const WHITE = 127.5;

/** A picture's colours without its detail: shrunk to an eighth and enlarged again, as ControlNets for tiles see pictures. */
export function withoutDetail(picture: FloatImage): FloatImage {
  const { width, height } = picture;
  const small = resample(picture, wholeOf(picture), Math.ceil(width / TILE_BLOCK), Math.ceil(height / TILE_BLOCK));
  return resample(small, wholeOf(small), width, height);
}

/** The border of what is white in a picture: 255 on white pixels that have one beside them that is not, 0 elsewhere. */
export function outline(picture: FloatImage): Float32Array {
  const { width, height } = picture;
  const grey = luminance(picture);
  const isWhite = (x: number, y: number): boolean => grey[y * width + x]! >= WHITE;
  return grey.map((_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    if (!isWhite(x, y)) return 0;
    const isInside =
      (x === 0 || isWhite(x - 1, y)) &&
      (x === width - 1 || isWhite(x + 1, y)) &&
      (y === 0 || isWhite(x, y - 1)) &&
      (y === height - 1 || isWhite(x, y + 1));
    return isInside ? 0 : 255;
  });
}
