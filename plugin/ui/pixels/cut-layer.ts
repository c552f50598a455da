import { decode, encode } from "fast-png";
import { readPngText, withPngText } from "../../../shared/imaging/metadata/png-metadata.ts";
import { contains, type PixelRect } from "../../../shared/protocol/geometry.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import type { CutLayer } from "./pixel-tools.ts";
import { intersect } from "./rectangles.ts";

/**
 * Cuts a layer to the part of the source that shows in its shape. A layer that lies inside comes back untouched; a cut
 * one keeps its recipe and provenance. Throws `placement-failed` when nothing of it shows.
 */
export function cutLayer(png: Uint8Array<ArrayBuffer>, layer: PixelRect, visible: PixelRect): CutLayer {
  if (contains(visible, layer)) return { png, layer };
  const kept = intersect(layer, visible);
  if (kept === undefined) {
    throw new OverpaintError(
      "placement-failed",
      "The result lies entirely in the part of the picture that its shape crops away.",
      "Paint inside the visible part, or make the shape show more of the picture.",
    );
  }
  const { width, data, channels, depth } = decode(png);
  const rowSamples = kept.width * channels;
  const cut = data.slice(0, rowSamples * kept.height);
  for (let y = 0; y < kept.height; y++) {
    const start = ((y + kept.y - layer.y) * width + (kept.x - layer.x)) * channels;
    cut.set(data.subarray(start, start + rowSamples), y * rowSamples);
  }
  const encoded = encode({ width: kept.width, height: kept.height, data: cut, channels, depth });
  return { png: withPngText(encoded, readPngText(png)), layer: kept };
}
