import type { Picture } from "../pictures/picture.ts";
import type { TiledMask } from "./tiled-mask.ts";

/** Sum of the channel differences between neighbours above which the eye sees an edge. */
const EDGE_DIFFERENCE = 40;
/** Share of such edges above which something is there. Gradients and soft clouds stay well below. */
const MAX_EDGE_SHARE = 0.03;

/**
 * True when the painted part of the picture holds nothing in particular: plain ground, sky, a gradient. Painting there
 * and asking for a cat adds one; elsewhere it replaces what is there. Only words depend on it.
 */
export function isPlainUnder(mask: TiledMask, thumbnail: Picture["thumbnail"]): boolean {
  const { width, height, data } = thumbnail;
  let pairs = 0;
  let edges = 0;
  const isPainted = (x: number, y: number) =>
    mask.isPainted(
      Math.floor(((x + 0.5) * mask.size.width) / width),
      Math.floor(((y + 0.5) * mask.size.height) / height),
    );
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!isPainted(x, y)) continue;
      for (const [nextX, nextY] of [[x + 1, y] as const, [x, y + 1] as const]) {
        if (nextX >= width || nextY >= height || !isPainted(nextX, nextY)) continue;
        pairs++;
        if (difference(data, (y * width + x) * 4, (nextY * width + nextX) * 4) > EDGE_DIFFERENCE) edges++;
      }
    }
  }
  return edges <= pairs * MAX_EDGE_SHARE;
}

function difference(data: Uint8ClampedArray, a: number, b: number): number {
  let sum = 0;
  for (let channel = 0; channel < 4; channel++) sum += Math.abs(data[a + channel]! - data[b + channel]!);
  return sum;
}
