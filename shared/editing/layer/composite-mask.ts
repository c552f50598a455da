import { growSoftly, smoothstep } from "../../imaging/mask/grow-softly.ts";
import { paintedValue } from "../../imaging/mask/mask-values.ts";
import type { GrayImage, RgbaImage } from "../../imaging/rgba-image.ts";
import { enlargedIn, type PixelRect, type PixelSize } from "../../protocol/geometry.ts";

/** Rows worked on at once: what exists beside the opacity stays small however large the mask is. */
const BAND = 512;

/** The part of the image that the layer covers: the painted bounds and the soft edge around them, cut at the image. */
export function layerArea(painted: PixelRect, blend: number, image: PixelSize): PixelRect {
  return enlargedIn(image, painted, blend);
}

/**
 * Opacity of the result over `area` of the source, 0..255: what the mask says where it is painted, so that white is opaque
 * and a soft brush stays soft; around hard edges fading out smoothly over `blend` pixels; 0 beyond. The fading edge never
 * covers what is transparent in the source: an edit at the rim of a cut-out leaves no halo.
 *
 * @param mask nothing outside `painted` counts
 */
export function compositeMask(
  mask: GrayImage,
  painted: PixelRect,
  image: RgbaImage,
  area: PixelRect,
  blend: number,
): Uint8Array {
  // The first pixel outside is 1 away; the ramp would reach 0 one pixel beyond its last.
  const ramp = (away: number): number => (away > blend ? 0 : smoothstep(1 - away / (blend + 1)));
  const alpha = new Uint8Array(area.width * area.height);
  for (let top = 0; top < area.height; top += BAND) {
    const rows = Math.min(BAND, area.height - top);
    const own = maskInside(mask, painted, { ...area, y: area.y + top, height: rows });
    if (own.every((value) => value === 255)) {
      alpha.fill(255, top * area.width, (top + rows) * area.width);
      continue;
    }
    // What lies up to `blend` rows above and below spreads into the band, as far as anything is painted there.
    const above = Math.min(blend, Math.max(0, area.y + top - painted.y));
    const below = Math.min(blend, Math.max(0, painted.y + painted.height - (area.y + top + rows)));
    const seen = { ...area, y: area.y + top - above, height: above + rows + below };
    const values = maskInside(mask, painted, seen);
    const spread = growSoftly(values, seen.width, seen.height, ramp, blend + 1);
    for (let row = 0; row < rows; row += 1) {
      const to = (top + row) * area.width;
      const from = (row + above) * area.width;
      const source = ((area.y + top + row) * image.width + area.x) * 4 + 3;
      for (let x = 0; x < area.width; x += 1) {
        if (spread[from + x] === 0) continue;
        const faded = Math.round(spread[from + x]! * image.data[source + x * 4]!);
        alpha[to + x] = Math.max(values[from + x]!, faded);
      }
    }
  }
  return alpha;
}

/** The mask over `area`, 0 outside `painted` and where it is too faint to show. */
function maskInside(mask: GrayImage, painted: PixelRect, area: PixelRect): Uint8Array {
  const values = new Uint8Array(area.width * area.height);
  const left = Math.max(painted.x, area.x);
  const right = Math.min(painted.x + painted.width, area.x + area.width);
  const bottom = Math.min(painted.y + painted.height, area.y + area.height);
  for (let y = Math.max(painted.y, area.y); y < bottom; y += 1) {
    const to = (y - area.y) * area.width - area.x;
    for (let x = left; x < right; x += 1) values[to + x] = paintedValue(mask.data[y * mask.width + x]!);
  }
  return values;
}
