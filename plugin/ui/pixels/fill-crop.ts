import { decode, encode } from "fast-png";
import { readPngText, withPngText } from "../../../shared/imaging/metadata/png-metadata.ts";
import { extensionOverlap } from "../../../shared/planning/extension/extension-overlap.ts";
import type { PixelRect, PixelSize } from "../../../shared/protocol/geometry.ts";

/** RGBA, straight alpha. */
export interface SourcePixels extends PixelSize {
  readonly data: Uint8Array | Uint8ClampedArray;
}

/**
 * Fills an extension with what its shape crops away of the picture: between the shape's edge and the picture's lie pixels that
 * are neither new nor shown. As the extension does at the picture's border, they reach a little beneath what shows, where
 * they are opaque.
 *
 * @param layer the extension's place in pixels of the source
 * @param visible what of the source shows in its shape
 */
export function fillCrop(
  png: Uint8Array<ArrayBuffer>,
  layer: PixelRect,
  visible: PixelRect,
  source: SourcePixels,
): Uint8Array<ArrayBuffer> {
  const { data, width, height, channels, depth } = decode(png);
  const overlap = extensionOverlap(visible);
  const right = visible.x + visible.width;
  const bottom = visible.y + visible.height;
  for (let y = Math.max(0, layer.y); y < Math.min(source.height, layer.y + height); y++)
    for (let x = Math.max(0, layer.x); x < Math.min(source.width, layer.x + width); x++) {
      /** Pixels from the edge of what shows: negative beyond it. */
      const inside = Math.min(x - visible.x, right - 1 - x, y - visible.y, bottom - 1 - y);
      const from = (y * source.width + x) * 4;
      if (inside >= overlap || (inside >= 0 && source.data[from + 3] !== 255)) continue;
      data.set(source.data.subarray(from, from + 4), ((y - layer.y) * width + x - layer.x) * channels);
    }
  return withPngText(encode({ width, height, data, channels, depth }), readPngText(png));
}
