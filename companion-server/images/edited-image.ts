import { provenanceText } from "../../shared/editing/provenance.ts";
import { layerOver } from "../../shared/imaging/composite.ts";
import { withPngText } from "../../shared/imaging/png-metadata.ts";
import type { RgbaImage } from "../../shared/imaging/rgba-image.ts";
import type { EditResult } from "../../shared/protocol/edit-event.ts";
import { decodeImage } from "./decode-image.ts";
import { encodePng } from "./encode-image.ts";

/** The whole edited picture as PNG with its recipe: the source with the layer over it, every other pixel untouched. */
export async function editedImage(source: RgbaImage, layerPng: Uint8Array, result: EditResult): Promise<Uint8Array> {
  const layer = await decodeImage(layerPng, "The layer");
  const png = await encodePng(layerOver(source, layer, result.layer));
  return withPngText(png, provenanceText(result.recipe));
}
