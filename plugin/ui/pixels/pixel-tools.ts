import type { PixelRect, PixelSize } from "../../../shared/protocol/geometry.ts";
import type { ResultMime } from "../../../shared/protocol/plugin/messages.ts";
import type { MaskChange } from "../masks/change-mask.ts";
import type { Point } from "../masks/mask-stroke.ts";
import type { ColourSelection } from "../masks/select-colour.ts";
import type { MaskPatch } from "../masks/shapes/draw-region.ts";
import type { Tile } from "../masks/tiled-mask.ts";
import type { Picture } from "../pictures/picture.ts";
import type { SourceTools } from "../source/source-tools.ts";

/** A mask as it travels to the pixel worker: tiles without paint are left out. */
export interface MaskSnapshot {
  readonly size: PixelSize;
  readonly columns: number;
  readonly tiles: readonly { readonly index: number; readonly pixels: Tile }[];
}

/** A picture as it is stored. */
export interface SourceFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly mime: string;
}

/** A picture that is cropped by its shape; `visible` in its pixels. */
export interface CroppedSource extends SourceFile {
  readonly visible: PixelRect;
}

export interface CutLayer {
  readonly png: Uint8Array<ArrayBuffer>;
  readonly layer: PixelRect;
}

/** A result as it goes to Penpot. */
export interface UploadFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly mime: ResultMime;
  /** What the designer should know about it. */
  readonly notice?: string;
}

/** Pixel work that takes too long for the thread that draws the panel. */
export interface PixelTools extends SourceTools {
  /** The mask as an 8-bit greyscale PNG of the source's size, white where it is painted. */
  encodeMask(mask: MaskSnapshot): Promise<Uint8Array<ArrayBuffer>>;
  /** The tiles of a mask that `encodeMask` wrote. */
  decodeMask(png: Uint8Array): Promise<MaskSnapshot>;
  /** The pixels of a picture that look like the one at a point. */
  selectColour(source: SourceFile, point: Point, selection: ColourSelection): Promise<MaskPatch>;
  /** All of a mask as an engine found it; turned, so that what it does not cover is painted. */
  readPatch(png: Uint8Array<ArrayBuffer>, isTurned: boolean): Promise<MaskPatch>;
  /** The thing at a point of a picture. */
  growObject(source: SourceFile, point: Point): Promise<MaskPatch>;
  /** The mask after a change of all of it, inside `clip`. */
  changeMask(mask: MaskSnapshot, change: MaskChange, clip: PixelRect): Promise<MaskPatch>;
  /** The part of a layer that lies inside `shown`; both in pixels of the source. */
  cutLayer(png: Uint8Array, layer: PixelRect, shown: PixelRect): Promise<CutLayer>;
  /** An extension with what its shape crops away of the source between the two. */
  fillCrop(png: Uint8Array, layer: PixelRect, source: CroppedSource): Promise<Uint8Array<ArrayBuffer>>;
  /** A small picture as a data URL for the file's history; undefined where it would be too long. */
  thumbnailUrl(thumbnail: Picture["thumbnail"]): Promise<string | undefined>;
  /** The result as a file that Penpot takes, with every pixel. Throws `upload-too-large`. */
  fitUpload(png: Uint8Array<ArrayBuffer>): Promise<UploadFile>;
}
