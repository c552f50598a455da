import { expose, transfer } from "comlink";
import type { RgbaImage } from "../../../shared/imaging/rgba-image.ts";
import type { PixelRect } from "../../../shared/protocol/geometry.ts";
import { changeMask, type MaskChange } from "../masks/change-mask.ts";
import { decodeMask, readPatch } from "../masks/decode-mask.ts";
import { encodeMask, planeOf } from "../masks/encode-mask.ts";
import { growObject } from "../masks/grow-object.ts";
import type { Point } from "../masks/mask-stroke.ts";
import { type ColourSelection, selectColour } from "../masks/select-colour.ts";
import type { MaskPatch } from "../masks/shapes/draw-region.ts";
import { sourceWork } from "../source/source-work.ts";
import { cutLayer } from "./cut-layer.ts";
import { decodePixels } from "./decode-pixels.ts";
import { encodePicture } from "./encode-picture.ts";
import { fillCrop } from "./fill-crop.ts";
import { fitUpload } from "./fit-upload.ts";
import type { CroppedSource, MaskSnapshot, SourceFile } from "./pixel-tools.ts";
import { thumbnailUrl } from "./thumbnail-url.ts";

const pixelWorker = {
  ...sourceWork(decodePixels),
  thumbnailUrl,
  encodeMask(mask: MaskSnapshot) {
    const png = encodeMask(mask);
    return transfer(png, [png.buffer]);
  },
  decodeMask(png: Uint8Array) {
    const mask = decodeMask(png);
    return transfer(
      mask,
      mask.tiles.map(({ pixels }) => pixels.buffer),
    );
  },
  async selectColour(source: SourceFile, point: Point, selection: ColourSelection) {
    return transferPatch(selectColour(await readKept(source), point, selection));
  },
  readPatch(png: Uint8Array, isTurned: boolean) {
    return transferPatch(readPatch(png, isTurned));
  },
  async growObject(source: SourceFile, point: Point) {
    return transferPatch(growObject(await readKept(source), point));
  },
  changeMask(mask: MaskSnapshot, change: MaskChange, clip: PixelRect) {
    return transferPatch(changeMask(planeOf(mask), change, clip));
  },
  cutLayer(png: Uint8Array<ArrayBuffer>, layer: PixelRect, visible: PixelRect) {
    const cut = cutLayer(png, layer, visible);
    return transfer(cut, [cut.png.buffer]);
  },
  async fillCrop(png: Uint8Array<ArrayBuffer>, layer: PixelRect, { bytes, mime, visible }: CroppedSource) {
    const filled = fillCrop(png, layer, visible, await decodePixels(bytes, mime));
    return transfer(filled, [filled.buffer]);
  },
  async fitUpload(png: Uint8Array<ArrayBuffer>) {
    const file = await fitUpload(png, encodePicture);
    return transfer(file, [file.bytes.buffer]);
  },
};
export type PixelWorker = typeof pixelWorker;

let kept: { readonly size: number; readonly head: string; readonly pixels: Promise<RgbaImage> } | undefined;

/** The pixels of the picture that was asked for last are kept: one click follows another. */
async function readKept({ bytes, mime }: SourceFile): Promise<RgbaImage> {
  const { length } = bytes;
  // Enough to tell two files apart that one edits in turn.
  const head = bytes.subarray(-64).join();
  if (kept?.size !== length || kept.head !== head) kept = { size: length, head, pixels: decodePixels(bytes, mime) };
  return await kept.pixels;
}

function transferPatch(patch: MaskPatch): MaskPatch {
  // Made a moment ago, in a buffer of its own.
  return transfer(patch, [patch.data.buffer as ArrayBuffer]);
}

expose(pixelWorker);
