import { cropMask } from "../imaging/crop-mask.ts";
import { distanceToMask } from "../imaging/distance-transform.ts";
import { PAINTED_FROM } from "../imaging/mask-bounds.ts";
import type { GrayImage, RgbaImage } from "../imaging/rgba-image.ts";
import type { PixelRect, PixelSize } from "../protocol/geometry.ts";

/** The part of the image that the layer covers: the painted bounds and the soft edge around them, cut at the image. */
export function layerArea(painted: PixelRect, blend: number, image: PixelSize): PixelRect {
  const x = Math.max(0, painted.x - blend);
  const y = Math.max(0, painted.y - blend);
  return {
    x,
    y,
    width: Math.min(image.width, painted.x + painted.width + blend) - x,
    height: Math.min(image.height, painted.y + painted.height + blend) - y,
  };
}

/**
 * Opacity of the result over `area` of the source, 0..255: opaque wherever the mask is painted, fading out smoothly over
 * `blend` pixels around it, 0 beyond. The soft edge never covers what is transparent in the source: an edit at the rim of
 * a cut-out leaves no halo.
 */
export function compositeMask(mask: GrayImage, image: RgbaImage, area: PixelRect, blend: number): Uint8Array {
  const cut = cropMask(mask, area);
  const painted = cut.data.map((value) => (value >= PAINTED_FROM ? 1 : 0));
  const distance = distanceToMask(painted, area.width, area.height);
  const alpha = new Uint8Array(area.width * area.height);
  for (let i = 0; i < alpha.length; i += 1) {
    if (painted[i] === 1) {
      alpha[i] = 255;
      continue;
    }
    const away = distance[i] as number;
    if (away > blend) continue;
    // The first pixel outside is 1 away; the ramp would reach 0 one pixel beyond its last.
    const share = 1 - away / (blend + 1);
    const x = area.x + (i % area.width);
    const y = area.y + Math.floor(i / area.width);
    const sourceAlpha = image.data[(y * image.width + x) * 4 + 3] as number;
    alpha[i] = Math.round(smoothstep(share) * sourceAlpha);
  }
  return alpha;
}

/** 3t² - 2t³: flat at both ends, so that neither end of the ramp shows as a line. */
function smoothstep(t: number): number {
  return t * t * (3 - 2 * t);
}
