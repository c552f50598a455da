import { expose, transfer } from "comlink";
import type { PixelRect } from "../../../shared/protocol/geometry.ts";
import { decodeMask } from "../masks/decode-mask.ts";
import { encodeMask } from "../masks/encode-mask.ts";
import { sourceWork } from "../source/source-work.ts";
import { cutLayer } from "./cut-layer.ts";
import { decodePixels } from "./decode-pixels.ts";
import { encodePicture } from "./encode-picture.ts";
import { fillCrop } from "./fill-crop.ts";
import { fitUpload } from "./fit-upload.ts";
import type { CroppedSource, MaskSnapshot } from "./pixel-tools.ts";

const pixelWorker = {
  ...sourceWork(decodePixels),
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

expose(pixelWorker);
