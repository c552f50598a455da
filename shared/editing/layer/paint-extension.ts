import type { FloatImage } from "../../imaging/float-image.ts";
import { smoothstep } from "../../imaging/mask/grow-softly.ts";
import { resample } from "../../imaging/resample/resample.ts";
import type { RgbaImage } from "../../imaging/rgba-image.ts";
import type { PixelRect } from "../../protocol/geometry.ts";

/** Rows brought to source pixels at once: what exists as floats stays small however large the extension is. */
const BAND = 256;
/** A difference at the border beyond this many levels is content, and leading it outwards would draw streaks. */
const MAX_RESIDUAL = 48;

export interface Extension {
  /** The canvas being painted, and where it lies in source pixels. */
  readonly canvas: RgbaImage;
  readonly place: PixelRect;
  /** The original's place: (0, 0) and its size. Its pixels are read, never written. */
  readonly original: PixelRect;
  /** The context as drawn, at the working size, and where it lies. */
  readonly drawn: FloatImage;
  readonly context: PixelRect;
  /** What of it is painted, outside the original. */
  readonly fill: PixelRect;
  /** Pixels outside the original over which its border's exact colours lead over to the drawn ones. */
  readonly blend: number;
  /**
   * Pixels around `fill` over which the result fades into what was drawn before; what is not drawn yet, transparent, stays
   * so. 0: nothing outside `fill` is touched.
   */
  readonly fade: number;
}

/**
 * Paints a drawn piece onto the canvas. Just outside the original, what the model made of the border's own pixels is
 * compared with what they are, and the difference fades out over `blend`: texture stays, no line shows, and not one
 * original pixel changes. Opacity continues the border's, so that a cut-out stays one.
 */
export function paintExtension(extension: Extension): void {
  const { fill, fade, place } = extension;
  const area = intersection(enlarged(fill, fade), intersection(place, extension.context));
  for (let top = area.y; top < area.y + area.height; top += BAND)
    paintBand(extension, { ...area, y: top, height: Math.min(BAND, area.y + area.height - top) });
}

function paintBand({ canvas, place, original, drawn, context, fill, blend, fade }: Extension, band: PixelRect): void {
  // The border pixels that are compared lie up to `blend` away.
  const seen = intersection(enlarged(band, blend), context);
  const scaleX = drawn.width / context.width;
  const scaleY = drawn.height / context.height;
  const from = {
    x: (seen.x - context.x) * scaleX,
    y: (seen.y - context.y) * scaleY,
    width: seen.width * scaleX,
    height: seen.height * scaleY,
  };
  const colours = resample(drawn, from, seen.width, seen.height);
  for (let y = band.y; y < band.y + band.height; y += 1) {
    const borderY = clamp(y, original.y, original.y + original.height - 1);
    for (let x = band.x; x < band.x + band.width; x += 1) {
      const borderX = clamp(x, original.x, original.x + original.width - 1);
      if (x === borderX && y === borderY) continue; // an original pixel
      const away = length(x - borderX, y - borderY);
      const to = ((y - place.y) * canvas.width + x - place.x) * 4;
      const border = ((borderY - place.y) * canvas.width + borderX - place.x) * 4;
      const here = ((y - seen.y) * seen.width + x - seen.x) * 3;
      const share = isInside(seen, borderX, borderY) ? fadeOut(away, blend) : 0;
      const there = ((borderY - seen.y) * seen.width + borderX - seen.x) * 3;
      const alpha = canvas.data[border + 3] as number;
      if (alpha === 0) continue; // nothing hides under full transparency
      const opacity = fadeOut(distanceTo(fill, x, y), fade);
      if (opacity === 0 || (opacity < 1 && canvas.data[to + 3] === 0)) continue;
      for (let c = 0; c < 3; c += 1) {
        let colour = colours.data[here + c] as number;
        if (share > 0) {
          const residual = (canvas.data[border + c] as number) - (colours.data[there + c] as number);
          colour += share * clamp(residual, -MAX_RESIDUAL, MAX_RESIDUAL);
        }
        const before = canvas.data[to + c] as number;
        canvas.data[to + c] = clamp(Math.round(before + (colour - before) * opacity), 0, 255);
      }
      canvas.data[to + 3] = alpha;
    }
  }
}

/** 1 at no distance, 0 beyond `reach`, flat at both ends. */
function fadeOut(distance: number, reach: number): number {
  if (distance === 0) return 1;
  return smoothstep(clamp(1 - distance / (reach + 1), 0, 1));
}

function distanceTo(rect: PixelRect, x: number, y: number): number {
  return length(x - clamp(x, rect.x, rect.x + rect.width - 1), y - clamp(y, rect.y, rect.y + rect.height - 1));
}

/** Math.hypot is many times slower, for the sake of numbers that are no distances of pixels. */
function length(x: number, y: number): number {
  return Math.sqrt(x * x + y * y);
}

function isInside(rect: PixelRect, x: number, y: number): boolean {
  return x >= rect.x && x < rect.x + rect.width && y >= rect.y && y < rect.y + rect.height;
}

function enlarged({ x, y, width, height }: PixelRect, by: number): PixelRect {
  return { x: x - by, y: y - by, width: width + 2 * by, height: height + 2 * by };
}

function intersection(a: PixelRect, b: PixelRect): PixelRect {
  const x = Math.max(a.x, b.x);
  const y = Math.max(a.y, b.y);
  return {
    x,
    y,
    width: Math.max(0, Math.min(a.x + a.width, b.x + b.width) - x),
    height: Math.max(0, Math.min(a.y + a.height, b.y + b.height) - y),
  };
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
