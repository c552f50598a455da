import type { PixelRect, PixelSize } from "../../../../shared/protocol/geometry.ts";
import type { MaskRegion } from "../../../../shared/protocol/plugin/mask.ts";
import { applyMatrix, invert, multiply } from "../../../../shared/protocol/plugin/matrix.ts";
import type { Matrix } from "../../../../shared/protocol/plugin/outline.ts";
import { intersect } from "../../pixels/rectangles.ts";
import { fillPolygons } from "./fill-polygons.ts";
import { flattenOutline, type Point } from "./flatten-outline.ts";

/** A part of a mask: one byte a pixel of `place`, row by row, 255 repaints. */
export interface MaskPatch {
  readonly place: PixelRect;
  readonly data: Uint8Array<ArrayBuffer>;
}

/** The opacity of a decoded picture: one byte a pixel. */
export interface AlphaPlane extends PixelSize {
  readonly data: Uint8Array;
}
export type DecodeAlpha = (bytes: Uint8Array, mime: string) => Promise<AlphaPlane>;

/**
 * Shapes as a mask on the picture's own pixel grid: outlines by exact coverage, pictures by their resampled opacity. Undefined
 * where nothing of them lies on the picture. Throws what decoding throws, and `invalid-request` for unreadable outlines.
 */
export async function drawRegion(
  region: MaskRegion,
  image: PixelSize,
  decodeAlpha: DecodeAlpha,
): Promise<MaskPatch | undefined> {
  const whole = { x: 0, y: 0, ...image };
  switch (region.type) {
    case "outline": {
      const polygons = flattenOutline(region.outline);
      const place = pixelsAround(polygons.flat(), whole);
      return place && { place, data: fillPolygons(polygons, region.outline.fillRule, place) };
    }
    case "picture": {
      const alpha = await decodeAlpha(region.bytes, region.mime);
      const place = pixelsAround(unitCorners(region.matrix), whole);
      return place && { place, data: sampleAlpha(alpha, region.matrix, place, 1 / region.opacity) };
    }
    case "union": {
      const drawn = await Promise.all(region.regions.map((each) => drawRegion(each, image, decodeAlpha)));
      const united = unite(drawn.flatMap((patch) => patch ?? []));
      if (united === undefined || region.within === undefined) return united;
      const limit = await drawRegion(region.within, image, decodeAlpha);
      return limit && cutTo(united, limit);
    }
    default:
      return region satisfies never;
  }
}

/** What is covered by one or the other: 1 - (1 - a)(1 - b). */
function unite(patches: readonly MaskPatch[]): MaskPatch | undefined {
  const [first, ...more] = patches;
  if (first === undefined || more.length === 0) return first;
  const x = Math.min(...patches.map(({ place }) => place.x));
  const y = Math.min(...patches.map(({ place }) => place.y));
  const width = Math.max(...patches.map(({ place }) => place.x + place.width)) - x;
  const height = Math.max(...patches.map(({ place }) => place.y + place.height)) - y;
  const data = new Uint8Array(width * height);
  for (const { place, data: own } of patches)
    for (let row = 0; row < place.height; row += 1) {
      const to = (place.y - y + row) * width + place.x - x;
      for (let column = 0; column < place.width; column += 1) {
        const value = own[row * place.width + column] as number; // inside the patch
        if (value === 0) continue;
        const before = data[to + column] as number; // inside the united one
        data[to + column] = Math.round(255 - ((255 - before) * (255 - value)) / 255);
      }
    }
  return { place: { x, y, width, height }, data };
}

function cutTo(patch: MaskPatch, limit: MaskPatch): MaskPatch | undefined {
  const place = intersect(patch.place, limit.place);
  if (place === undefined) return undefined;
  const data = new Uint8Array(place.width * place.height);
  const at = ({ place: own, data: values }: MaskPatch, x: number, y: number) =>
    values[(y - own.y) * own.width + x - own.x] as number; // `place` lies in both
  for (let row = 0; row < place.height; row += 1)
    for (let column = 0; column < place.width; column += 1) {
      const [x, y] = [place.x + column, place.y + row];
      data[row * place.width + column] = Math.round((at(patch, x, y) * at(limit, x, y)) / 255);
    }
  return { place, data };
}

/** The fewest whole pixels around the points, cut to the picture. */
function pixelsAround(points: readonly Point[], whole: PixelRect): PixelRect | undefined {
  if (points.length === 0) return undefined;
  const ends = (values: readonly number[]) => {
    let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const value of values) [from, to] = [Math.min(from, value), Math.max(to, value)];
    return [Math.floor(from), Math.ceil(to)] as const;
  };
  const [left, right] = ends(points.map(({ x }) => x));
  const [top, bottom] = ends(points.map(({ y }) => y));
  return intersect({ x: left, y: top, width: right - left, height: bottom - top }, whole);
}

function unitCorners(matrix: Matrix): Point[] {
  return [
    { x: 0, y: 0 },
    { x: 1, y: 0 },
    { x: 1, y: 1 },
    { x: 0, y: 1 },
  ].map((corner) => applyMatrix(matrix, corner));
}

/** Samples along a side of a pixel, where the picture is finer than the grid. */
const MAX_SAMPLES = 4;

/** A picture's opacity where `matrix` lays it, averaged over each pixel. `gain` takes back its own translucency. */
function sampleAlpha(alpha: AlphaPlane, matrix: Matrix, place: PixelRect, gain: number): Uint8Array<ArrayBuffer> {
  const toPicture = multiply([alpha.width, 0, 0, alpha.height, 0, 0], invert(matrix));
  const finer = Math.max(Math.hypot(toPicture[0], toPicture[1]), Math.hypot(toPicture[2], toPicture[3]));
  // Where the grids fall together, one sample in the middle is the pixel itself.
  const samples = finer < 1 + 1e-3 ? 1 : Math.min(MAX_SAMPLES, Math.ceil(finer) + 1);
  const data = new Uint8Array(place.width * place.height);
  for (let row = 0; row < place.height; row += 1)
    for (let column = 0; column < place.width; column += 1) {
      let sum = 0;
      for (let v = 0; v < samples; v += 1)
        for (let u = 0; u < samples; u += 1) {
          const point = { x: place.x + column + (u + 0.5) / samples, y: place.y + row + (v + 0.5) / samples };
          sum += bilinear(alpha, applyMatrix(toPicture, point));
        }
      data[row * place.width + column] = Math.round(Math.min(255, (sum / samples ** 2) * gain));
    }
  return data;
}

/** Between the middles of the four nearest pixels; nothing beyond the picture. */
function bilinear({ width, height, data }: AlphaPlane, { x, y }: Point): number {
  const [left, top] = [Math.floor(x - 0.5), Math.floor(y - 0.5)];
  const [across, down] = [x - 0.5 - left, y - 0.5 - top];
  const at = (column: number, row: number) =>
    column < 0 || row < 0 || column >= width || row >= height ? 0 : (data[row * width + column] as number);
  const upper = at(left, top) * (1 - across) + (across === 0 ? 0 : at(left + 1, top) * across);
  if (down === 0) return upper;
  return upper * (1 - down) + (at(left, top + 1) * (1 - across) + at(left + 1, top + 1) * across) * down;
}
