import { distanceToMask } from "../../../shared/imaging/mask/distance-transform.ts";
import type { PixelRect, PixelSize } from "../../../shared/protocol/geometry.ts";
import { intersect } from "../pixels/rectangles.ts";
import type { MaskPatch } from "./shapes/draw-region.ts";

/** One byte a pixel, 255 repaints. */
export interface MaskPlane extends PixelSize {
  readonly data: Uint8Array;
}

/** What can be done to a whole mask. Lengths in pixels of the picture. */
export type MaskChange =
  | { readonly type: "grow"; readonly by: number }
  | { readonly type: "shrink"; readonly by: number }
  /** A soft edge as wide as `by`, half of it inside and half outside of what was painted. */
  | { readonly type: "feather"; readonly by: number }
  | { readonly type: "invert" };

/** From this value on a pixel counts as painted. */
const INSIDE = 128;

/**
 * The mask after a change, as a patch that takes its place. Distances are exact (Euclidean); a grown or shrunk edge is
 * anti-aliased, whatever the old one was. Nothing reaches beyond `clip`.
 */
export function changeMask(mask: MaskPlane, change: MaskChange, clip: PixelRect): MaskPatch {
  if (change.type === "invert") return inverted(mask, clip);
  const bounds = boundsOf(mask);
  const room = change.by + 2;
  const around = bounds && {
    x: bounds.x - room,
    y: bounds.y - room,
    width: bounds.width + 2 * room,
    height: bounds.height + 2 * room,
  };
  const place = around && intersect(around, clip);
  if (place === undefined) return { place: clip, data: new Uint8Array(clip.width * clip.height) };
  const { width, height } = place;
  const inside = cut(mask, place);
  const outside = inside.map((value) => (value >= INSIDE ? 0 : 255));
  // Signed distance to the edge between painted and not, positive outside. Centres lie half a pixel from it.
  const toInside = distanceToMask(inside, width, height, INSIDE);
  const toOutside = distanceToMask(outside, width, height, INSIDE);
  const data = new Uint8Array(width * height);
  for (let i = 0; i < data.length; i++) {
    const signed = toInside[i]! > 0 ? toInside[i]! - 0.5 : 0.5 - toOutside[i]!;
    data[i] = Math.round(255 * coverageAt(signed, change));
  }
  return { place, data };
}

function coverageAt(signed: number, { type, by }: Exclude<MaskChange, { type: "invert" }>): number {
  if (type === "feather") {
    const t = Math.min(1, Math.max(0, 0.5 - signed / Math.max(1, by)));
    return t * t * (3 - 2 * t);
  }
  const edge = type === "grow" ? by : -by;
  return Math.min(1, Math.max(0, edge - signed + 0.5));
}

function inverted(mask: MaskPlane, place: PixelRect): MaskPatch {
  return { place, data: cut(mask, place).map((value) => 255 - value) };
}

function cut({ width, data }: MaskPlane, place: PixelRect): Uint8Array<ArrayBuffer> {
  const part = new Uint8Array(place.width * place.height);
  for (let y = 0; y < place.height; y++) {
    const start = (place.y + y) * width + place.x;
    part.set(data.subarray(start, start + place.width), y * place.width);
  }
  return part;
}

function boundsOf({ width, height, data }: MaskPlane): PixelRect | undefined {
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      if (data[y * width + x] === 0) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = y;
    }
  return right < 0 ? undefined : { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}
