import type { PixelSize } from "../../../shared/protocol/geometry.ts";
import type { Point } from "./mask-stroke.ts";
import type { MaskPatch } from "./shapes/draw-region.ts";

/** RGBA, straight alpha. */
export interface SourcePlane extends PixelSize {
  readonly data: Uint8Array | Uint8ClampedArray;
}

export interface ColourSelection {
  /** How far a channel may differ from the clicked pixel's, 0 to 255. */
  readonly tolerance: number;
  /** Whether only what is joined to the clicked pixel counts. */
  readonly isJoined: boolean;
}

/** Pixels at the edge of what is alike are taken by half, so that the edge is not hard. */
const EDGE = 128;

/** The pixels that look like the one at `point`. Throws `RangeError` for a point outside the picture. */
export function selectColour(picture: SourcePlane, point: Point, { tolerance, isJoined }: ColourSelection): MaskPatch {
  const { width, height, data } = picture;
  const x = Math.floor(point.x);
  const y = Math.floor(point.y);
  if (x < 0 || y < 0 || x >= width || y >= height) throw new RangeError(`(${x}, ${y}) lies outside the picture.`);
  const seed = (y * width + x) * 4;
  const wanted = data.subarray(seed, seed + 4);
  const isAlike = (pixel: number) => {
    const at = pixel * 4;
    // What is transparent has no colour.
    if (data[at + 3]! < 8 && wanted[3]! < 8) return true;
    for (let channel = 0; channel < 4; channel++)
      if (Math.abs(data[at + channel]! - wanted[channel]!) > tolerance) return false;
    return true;
  };
  const mask = isJoined ? joined(picture, y * width + x, isAlike) : all(picture, isAlike);
  soften(mask, width, height);
  return { place: { x: 0, y: 0, width, height }, data: mask };
}

function all({ width, height }: PixelSize, isAlike: (pixel: number) => boolean): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: width * height }, (_, pixel) => (isAlike(pixel) ? 255 : 0));
}

/** Scanline flood fill: runs along rows, and looks for new runs above and below each. */
function joined(
  { width, height }: PixelSize,
  seed: number,
  isAlike: (pixel: number) => boolean,
): Uint8Array<ArrayBuffer> {
  const mask = new Uint8Array(width * height);
  const stack = [seed];
  for (let pixel = stack.pop(); pixel !== undefined; pixel = stack.pop()) {
    if (mask[pixel] !== 0) continue;
    const row = pixel - (pixel % width);
    let left = pixel;
    while (left > row && mask[left - 1] === 0 && isAlike(left - 1)) left--;
    let right = pixel;
    while (right < row + width - 1 && mask[right + 1] === 0 && isAlike(right + 1)) right++;
    mask.fill(255, left, right + 1);
    for (const next of [row - width, row + width]) {
      if (next < 0 || next >= width * height) continue;
      for (let at = left - row, isRun = false; at <= right - row; at++) {
        const isNew = mask[next + at] === 0 && isAlike(next + at);
        if (isNew && !isRun) stack.push(next + at);
        isRun = isNew;
      }
    }
  }
  return mask;
}

/** Takes the unlike neighbours of what is alike by half. */
function soften(mask: Uint8Array, width: number, height: number): void {
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      if (mask[i] !== 0) continue;
      const isBeside =
        (x > 0 && mask[i - 1] === 255) ||
        (x < width - 1 && mask[i + 1] === 255) ||
        (y > 0 && mask[i - width] === 255) ||
        (y < height - 1 && mask[i + width] === 255);
      if (isBeside) mask[i] = EDGE;
    }
}
