import { paintOver } from "../../../shared/imaging/compose/composite.ts";
import type { RgbaImage } from "../../../shared/imaging/rgba-image.ts";
import type { PixelRect } from "../../../shared/protocol/geometry.ts";
import { applyMatrix, invert, multiply } from "../../../shared/protocol/plugin/matrix.ts";
import type { Matrix } from "../../../shared/protocol/plugin/outline.ts";
import type { BlendMode, SourceLayer } from "../../../shared/protocol/plugin/source.ts";
import { fillPolygons } from "../masks/shapes/fill-polygons.ts";
import { flattenOutline, type Polygon } from "../masks/shapes/flatten-outline.ts";
import { intersect } from "../pixels/rectangles.ts";
import { blend, type Rgb } from "./blend-modes.ts";

/** A layer with its picture decoded. */
export type DecodedLayer = Pick<SourceLayer, "matrix" | "outline" | "opacity" | "blendMode"> & {
  readonly pixels: RgbaImage;
};

/** Positions nearer to whole pixels than this are whole: a thousandth of a pixel shows in no level. */
const GRID_NOISE = 1e-3;

/**
 * Lays Overpaint's layers, from bottom to top, over the source, into its pixels: the picture as the document shows it, but for
 * what the source's own shape does to it. Layers that lie on the source's pixel grid come out bit for bit; others are resampled.
 */
export function composeLayers(source: RgbaImage, layers: readonly DecodedLayer[]): void {
  for (const layer of layers) {
    const place = wholePlace(layer);
    const isPlain = layer.opacity === 1 && layer.blendMode === "normal" && layer.outline === undefined;
    if (place !== undefined && isPlain) paintOver(source, layer.pixels, place);
    else blendLayer(source, layer, place);
  }
}

/** Where the layer lies pixel for pixel on the source's grid; undefined where it does not. */
function wholePlace({ matrix: [a, b, c, d, e, f], pixels }: DecodedLayer): PixelRect | undefined {
  const [x, y] = [Math.round(e), Math.round(f)];
  const offsets = [a - pixels.width, b, c, d - pixels.height, e - x, f - y];
  const isOnGrid = offsets.every((offset) => Math.abs(offset) < GRID_NOISE);
  return isOnGrid ? { x, y, width: pixels.width, height: pixels.height } : undefined;
}

function blendLayer(source: RgbaImage, layer: DecodedLayer, place: PixelRect | undefined): void {
  const box = unitSquare(layer.matrix);
  const area = intersect(place ?? around(box), { x: 0, y: 0, width: source.width, height: source.height });
  if (area === undefined) return;
  const covers = coverageOf(layer, place === undefined ? box : undefined, area);
  const sample = place === undefined ? resampler(layer) : exact(layer.pixels, place);
  for (let row = 0; row < area.height; row += 1)
    for (let column = 0; column < area.width; column += 1) {
      const share = (covers === undefined ? 1 : (covers[row * area.width + column] as number) / 255) * layer.opacity;
      if (share === 0) continue;
      const [x, y] = [area.x + column, area.y + row];
      blendPixel(source.data, (y * source.width + x) * 4, sample(x, y), share, layer.blendMode);
    }
}

/** How much of each pixel the layer covers: its shape's outline, else, off the grid, its own box. Undefined: all of it. */
function coverageOf({ outline }: DecodedLayer, box: Polygon | undefined, area: PixelRect): Uint8Array | undefined {
  if (outline !== undefined) return fillPolygons(flattenOutline(outline), outline.fillRule, area);
  return box && fillPolygons([box], "nonzero", area);
}

/** Colour 0 to 1, not premultiplied, and opacity 0 to 1. */
interface Sample {
  readonly colour: Rgb;
  readonly alpha: number;
}

const nothing: Sample = { colour: [0, 0, 0], alpha: 0 };

function exact({ width, data }: RgbaImage, place: PixelRect): (x: number, y: number) => Sample {
  return (x, y) => {
    const at = ((y - place.y) * width + x - place.x) * 4;
    const channel = (c: number) => (data[at + c] as number) / 255; // inside `place`
    return { colour: [channel(0), channel(1), channel(2)], alpha: channel(3) };
  };
}

/** Samples along a side of a pixel, where the layer is finer than the source. */
const MAX_SAMPLES = 4;

/** The layer's pixels averaged over a pixel of the source; its border goes on beyond it, as `coverageOf` ends it. */
function resampler({ pixels, matrix }: DecodedLayer): (x: number, y: number) => Sample {
  const toLayer = multiply([pixels.width, 0, 0, pixels.height, 0, 0], invert(matrix));
  const finer = Math.max(Math.hypot(toLayer[0], toLayer[1]), Math.hypot(toLayer[2], toLayer[3]));
  const samples = finer < 1 + GRID_NOISE ? 1 : Math.min(MAX_SAMPLES, Math.ceil(finer) + 1);
  return (x, y) => {
    const sums = [0, 0, 0, 0];
    for (let v = 0; v < samples; v += 1)
      for (let u = 0; u < samples; u += 1)
        addBilinear(sums, pixels, applyMatrix(toLayer, { x: x + (u + 0.5) / samples, y: y + (v + 0.5) / samples }));
    const [r = 0, g = 0, b = 0, a = 0] = sums;
    if (a === 0) return nothing;
    return { colour: [r / a / 255, g / a / 255, b / a / 255], alpha: a / (255 * samples ** 2) };
  };
}

/** Adds colours times opacity, and opacity, in levels. */
function addBilinear(sums: number[], { width, height, data }: RgbaImage, point: { x: number; y: number }): void {
  const [left, top] = [Math.floor(point.x - 0.5), Math.floor(point.y - 0.5)];
  const [across, down] = [point.x - 0.5 - left, point.y - 0.5 - top];
  for (const [dx, dy, weight] of [
    [0, 0, (1 - across) * (1 - down)],
    [1, 0, across * (1 - down)],
    [0, 1, (1 - across) * down],
    [1, 1, across * down],
  ] as const) {
    if (weight === 0) continue;
    const x = Math.min(Math.max(left + dx, 0), width - 1);
    const y = Math.min(Math.max(top + dy, 0), height - 1);
    const at = (y * width + x) * 4;
    const alpha = (data[at + 3] as number) * weight; // inside the picture
    for (let c = 0; c < 3; c += 1) sums[c] = (sums[c] as number) + (data[at + c] as number) * alpha;
    sums[3] = (sums[3] as number) + alpha;
  }
}

/** Compositing and Blending Level 1, section 5.1: source over, with the blended colour where there is a backdrop. */
function blendPixel(data: RgbaImage["data"], at: number, { colour, alpha }: Sample, share: number, mode: BlendMode) {
  const over = alpha * share;
  if (over === 0) return;
  const backdrop = [0, 1, 2].map((c) => (data[at + c] as number) / 255) as unknown as Rgb;
  const under = (data[at + 3] as number) / 255;
  const blended = mode === "normal" || under === 0 ? colour : blend(mode, backdrop, colour);
  const total = over + under * (1 - over);
  for (let c = 0; c < 3; c += 1) {
    const mixed = (1 - under) * (colour[c] as number) + under * (blended[c] as number);
    const value = over * mixed + under * (1 - over) * (backdrop[c] as number);
    data[at + c] = Math.round((value / total) * 255);
  }
  data[at + 3] = Math.round(total * 255);
}

function unitSquare(matrix: Matrix): Polygon {
  return [
    { x: 0, y: 0 },
    { x: 1, y: 0 },
    { x: 1, y: 1 },
    { x: 0, y: 1 },
  ].map((corner) => applyMatrix(matrix, corner));
}

function around(polygon: Polygon): PixelRect {
  const [xs, ys] = [polygon.map(({ x }) => x), polygon.map(({ y }) => y)];
  const [x, y] = [Math.floor(Math.min(...xs)), Math.floor(Math.min(...ys))];
  return { x, y, width: Math.ceil(Math.max(...xs)) - x, height: Math.ceil(Math.max(...ys)) - y };
}
