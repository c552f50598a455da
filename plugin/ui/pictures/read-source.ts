import type { SelectedImage } from "../../../shared/protocol/plugin/selection.ts";
import type { PixelTools } from "../pixels/pixel-tools.ts";
import type { SandboxLink } from "../sandbox-link/sandbox-link.ts";
import type { SourceImage, SourceLayers } from "./edit-session.ts";
import type { DecodePicture } from "./picture.ts";

export interface ReadSourceTools {
  readonly sandbox: Pick<SandboxLink, "readSource">;
  readonly decode: DecodePicture;
  readonly pixels: Pick<PixelTools, "composeSource">;
}

/** A shape's picture as the document has it, with those of Overpaint's layers over it that are wanted. Throws as its tools do. */
export async function readSource(
  shapeId: string,
  wanted: SourceLayers,
  { sandbox, pixels, decode }: ReadSourceTools,
): Promise<SourceImage & { readonly image: SelectedImage }> {
  const { image, bytes, mime, layers } = await sandbox.readSource(shapeId);
  const original = { bytes: new Uint8Array(bytes), mime };
  const laid = layers.filter((layer) => isWanted(wanted, layer.shapeId));
  const shown = laid.length > 0 ? await pixels.composeSource(original, laid) : original;
  const drawnOn = laid.map((layer) => layer.shapeId);
  return { image, ...shown, drawnOn, version: image.version, picture: await decode(shown.bytes, shown.mime) };
}

function isWanted(layers: SourceLayers, shapeId: string): boolean {
  return layers === "all" || (layers !== "none" && layers.includes(shapeId));
}
