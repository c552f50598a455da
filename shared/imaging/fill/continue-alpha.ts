import type { PixelRect } from "../../protocol/geometry.ts";
import type { FloatImage } from "../float-image.ts";
import { paintedValue } from "../mask/mask-values.ts";
import type { GrayImage, RgbaImage } from "../rgba-image.ts";
import { pushPullFill } from "./push-pull-fill.ts";

/** Known pixels around the hole that are looked at: this many, and this share of the hole's longer side. */
const LEAST_AROUND = 16;
const AROUND_SHARE = 0.25;
/** Above this many pixels opacity is continued on a coarser grid: it has no detail in a hole anyway. */
const MOST_CELLS = 1 << 22;
/** Opacity within this distance of nothing or all is as good as that ... */
const NEARLY = 0.1;
/** ... and a picture is cut out, with edges a pixel wide, while fewer of its known pixels than this lie between. */
const MOST_BETWEEN = 0.15;

/** Opacity on a grid of which each cell stands for a block of the picture's pixels. */
interface CoarsePlane {
  /** 0..1 */
  readonly plane: FloatImage;
  /** How much of each cell is known, 0..1. */
  readonly known: Float32Array;
  /** Sides of a block, in pixels. */
  readonly reduce: number;
  readonly window: PixelRect;
}

/**
 * The opacity that a picture would have over `area` without what the mask covers: where it is covered, the opacity around
 * goes on, and a cut-out keeps a crisp edge; where nothing is around, all of it counts as it is. Elsewhere it is the
 * picture's own.
 *
 * @returns 0..255, one a pixel of `area`
 */
export function continueAlpha(image: RgbaImage, mask: GrayImage, area: PixelRect): Uint8Array {
  const coarse = knownAlpha(image, mask, area);
  const isAnythingKnown = coarse.known.some((share) => share > 0);
  const filled = isAnythingKnown ? pushPullFill(coarse.plane, coarse.known, 0) : undefined;
  const isCrisp = isCutOut(coarse);
  const out = new Uint8Array(area.width * area.height);
  for (let row = 0; row < area.height; row += 1)
    for (let column = 0; column < area.width; column += 1) {
      const [x, y] = [area.x + column, area.y + row];
      const own = image.data[(y * image.width + x) * 4 + 3]!;
      const covered = filled === undefined ? 0 : coverAt(mask, x, y);
      const to = row * area.width + column;
      out[to] =
        filled === undefined || covered === 0
          ? own
          : Math.round((1 - covered) * own + covered * 255 * valueAt(filled, coarse, isCrisp, x, y));
    }
  return out;
}

/** How much of a pixel the mask covers, 0..1. */
function coverAt(mask: GrayImage, x: number, y: number): number {
  return paintedValue(mask.data[y * mask.width + x]!) / 255;
}

function knownAlpha(image: RgbaImage, mask: GrayImage, area: PixelRect): CoarsePlane {
  const around = LEAST_AROUND + Math.ceil(AROUND_SHARE * Math.max(area.width, area.height));
  const x = Math.max(0, area.x - around);
  const y = Math.max(0, area.y - around);
  const window = {
    x,
    y,
    width: Math.min(image.width, area.x + area.width + around) - x,
    height: Math.min(image.height, area.y + area.height + around) - y,
  };
  const reduce = Math.ceil(Math.sqrt((window.width * window.height) / MOST_CELLS));
  const width = Math.ceil(window.width / reduce);
  const height = Math.ceil(window.height / reduce);
  const data = new Float32Array(width * height);
  const known = new Float32Array(width * height);
  for (let row = 0; row < window.height; row += 1)
    for (let column = 0; column < window.width; column += 1) {
      const share = 1 - coverAt(mask, x + column, y + row);
      if (share === 0) continue;
      const cell = Math.floor(row / reduce) * width + Math.floor(column / reduce);
      data[cell]! += (share * image.data[((y + row) * image.width + x + column) * 4 + 3]!) / 255;
      known[cell]! += share;
    }
  for (let cell = 0; cell < data.length; cell += 1) {
    if (known[cell] === 0) continue;
    data[cell]! /= known[cell]!;
    known[cell] = Math.min(1, known[cell]! / (reduce * reduce));
  }
  return { plane: { width, height, channels: 1, data }, known, reduce, window };
}

function isCutOut({ plane, known }: CoarsePlane): boolean {
  let all = 0;
  let between = 0;
  for (let cell = 0; cell < known.length; cell += 1) {
    all += known[cell]!;
    if (plane.data[cell]! > NEARLY && plane.data[cell]! < 1 - NEARLY) between += known[cell]!;
  }
  return between < MOST_BETWEEN * all;
}

/** The continued opacity of a pixel; crisp: steepened so that it crosses one half within a pixel. */
function valueAt(plane: FloatImage, { reduce, window }: CoarsePlane, isCrisp: boolean, x: number, y: number): number {
  const at = (dx: number, dy: number): number =>
    sample(plane, (x - window.x + dx + 0.5) / reduce - 0.5, (y - window.y + dy + 0.5) / reduce - 0.5);
  const value = at(0, 0);
  if (!isCrisp) return Math.min(1, Math.max(0, value));
  const slope = Math.hypot(at(1, 0) - at(-1, 0), at(0, 1) - at(0, -1)) / 2;
  if (slope === 0) return value === 0.5 ? value : Math.round(value);
  return Math.min(1, Math.max(0, 0.5 + (value - 0.5) / slope));
}

/** Between the centres of four cells. */
function sample({ width, height, data }: FloatImage, x: number, y: number): number {
  const cx = Math.min(Math.max(x, 0), width - 1);
  const cy = Math.min(Math.max(y, 0), height - 1);
  const [x0, y0] = [Math.floor(cx), Math.floor(cy)];
  const [x1, y1] = [Math.min(x0 + 1, width - 1), Math.min(y0 + 1, height - 1)];
  const above = data[y0 * width + x0]! * (x0 + 1 - cx) + data[y0 * width + x1]! * (cx - x0);
  const below = data[y1 * width + x0]! * (x0 + 1 - cx) + data[y1 * width + x1]! * (cx - x0);
  return above * (y0 + 1 - cy) + below * (cy - y0);
}
