import type { FloatImage } from "../../../imaging/float-image.ts";
import { resample, triangle } from "../../../imaging/resample/resample.ts";
import type { GrayImage } from "../../../imaging/rgba-image.ts";
import { type PixelSize, wholeOf } from "../../../protocol/geometry.ts";
import type { Square } from "./click-segmentation.ts";

/** Numbers, one a pixel. */
interface Plane extends PixelSize {
  readonly data: Float32Array;
}

/**
 * A picture as the encoder sees it: brought to the square by an antialiased bilinear kernel, in whole levels, normalised; beyond a
 * letterboxed one lie zeros.
 *
 * @returns [3, side, side]
 */
export function fitToSquare(
  picture: FloatImage,
  square: Square,
  normalise: (seen: FloatImage) => Float32Array,
): Float32Array {
  const { width, height } = seenSize(picture, square);
  const seen = resample(picture, wholeOf(picture), width, height, triangle);
  const planes = normalise({ ...seen, data: seen.data.map((value) => Math.min(255, Math.max(0, Math.round(value)))) });
  const { side } = square;
  const out = new Float32Array(3 * side * side);
  for (let c = 0; c < 3; c += 1)
    for (let y = 0; y < height; y += 1) {
      const from = (c * height + y) * width;
      out.set(planes.subarray(from, from + width), (c * side + y) * side);
    }
  return out;
}

/** Pixels of the square along one of the picture. */
export function scaleToSquare(picture: PixelSize, square: Square): { readonly x: number; readonly y: number } {
  const seen = seenSize(picture, square);
  return { x: seen.width / picture.width, y: seen.height / picture.height };
}

/**
 * What is above zero of a decoder's logits over the square, in pixels of the picture: interpolated bilinearly, of a letterboxed
 * picture first to the square and then from the picture's part of it.
 */
export function maskInPicture(logits: Plane, picture: PixelSize, square: Square): GrayImage {
  const { side, isLetterboxed } = square;
  const seen = seenSize(picture, square);
  const shown = isLetterboxed ? cropped(interpolated(logits, { width: side, height: side }), seen) : logits;
  const { data } = interpolated(shown, picture);
  return {
    width: picture.width,
    height: picture.height,
    data: Uint8Array.from(data, (logit) => (logit > 0 ? 255 : 0)),
  };
}

/** The size at which a picture lies in the square. */
function seenSize({ width, height }: PixelSize, { side, isLetterboxed }: Square): PixelSize {
  if (!isLetterboxed) return { width: side, height: side };
  const scale = side / Math.max(width, height);
  return {
    width: Math.max(1, Math.floor(width * scale + 0.5)),
    height: Math.max(1, Math.floor(height * scale + 0.5)),
  };
}

function cropped({ width, data }: Plane, size: PixelSize): Plane {
  const out = new Float32Array(size.width * size.height);
  for (let y = 0; y < size.height; y += 1) out.set(data.subarray(y * width, y * width + size.width), y * size.width);
  return { ...size, data: out };
}

/** As torch's `interpolate` with mode "bilinear" and corners that are not aligned: no antialiasing. */
function interpolated({ width, height, data }: Plane, size: PixelSize): Plane {
  const columns = neighbours(width, size.width);
  const rows = neighbours(height, size.height);
  const out = new Float32Array(size.width * size.height);
  for (let y = 0; y < size.height; y += 1) {
    const row = rows[y]!; // one for each
    for (let x = 0; x < size.width; x += 1) {
      const column = columns[x]!; // one for each
      const above = mix(data, row.first * width, column);
      const below = mix(data, row.second * width, column);
      out[y * size.width + x] = above + (below - above) * row.share;
    }
  }
  return { ...size, data: out };
}

/** Two samples of a line, and how much the second one counts. */
interface Neighbours {
  readonly first: number;
  readonly second: number;
  readonly share: number;
}

function neighbours(from: number, to: number): readonly Neighbours[] {
  return Array.from({ length: to }, (_, i) => {
    const place = Math.max(0, ((i + 0.5) * from) / to - 0.5);
    const first = Math.min(from - 1, Math.floor(place));
    return { first, second: Math.min(from - 1, first + 1), share: place - first };
  });
}

function mix(data: Float32Array, row: number, { first, second, share }: Neighbours): number {
  const left = data[row + first]!;
  return left + (data[row + second]! - left) * share;
}
