import { layerOver } from "../../../shared/imaging/compose/composite.ts";
import type { RgbaImage } from "../../../shared/imaging/rgba-image.ts";
import type { PixelRect } from "../../../shared/protocol/geometry.ts";

/** The source with an extension's layer around it, as one picture of the extended canvas. */
export function onCanvas(source: RgbaImage, layer: RgbaImage, area: PixelRect): RgbaImage {
  const empty = { width: area.width, height: area.height, data: new Uint8Array(area.width * area.height * 4) };
  const placed = layerOver(empty, source, { x: 0 - area.x, y: 0 - area.y });
  return layerOver(placed, layer, { x: 0, y: 0 });
}
