import type { PixelRect, PixelSize } from "../../../shared/protocol/geometry.ts";
import type { MaskRegion } from "../../../shared/protocol/plugin/mask.ts";
import type { SourceLayer } from "../../../shared/protocol/plugin/source.ts";
import type { MaskPatch } from "../masks/shapes/draw-region.ts";
import type { MaskSnapshot } from "../pixels/pixel-tools.ts";

/** A picture as a file. */
export interface PictureFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly mime: string;
}

/** Pixel work between the document's pictures and shapes and those of an edit. */
export interface SourceTools {
  /** The picture with Overpaint's layers over it, as an edit sees it; the file itself where there are none. */
  composeSource(file: PictureFile, layers: readonly SourceLayer[]): Promise<PictureFile>;
  /** Shapes (`SandboxLink.readMask`) as a mask of a picture of this size; undefined where nothing of them lies on it. */
  drawMask(region: MaskRegion, image: PixelSize): Promise<MaskPatch | undefined>;
  /** A layer padded to the whole picture, for an "outlined" insertion, which is placed as "whole". */
  padLayer(png: Uint8Array<ArrayBuffer>, layer: PixelRect, image: PixelSize): Promise<Uint8Array<ArrayBuffer>>;
  /** The picture (as it was edited) with the result in it, for an insertion as "picture". */
  mergeResult(
    source: PictureFile,
    png: Uint8Array<ArrayBuffer>,
    layer: PixelRect,
    mask: MaskSnapshot,
  ): Promise<Uint8Array<ArrayBuffer>>;
  /** The picture and its extension as one, cut to `frame`; places in pixels of the picture. */
  extendPicture(
    source: PictureFile,
    png: Uint8Array<ArrayBuffer>,
    layer: PixelRect,
    frame: PixelRect,
  ): Promise<Uint8Array<ArrayBuffer>>;
}
