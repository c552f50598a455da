import { expose, transfer } from "comlink";
import type { PixelRect } from "../../../shared/protocol/geometry.ts";
import { cutLayer } from "./cut-layer.ts";
import { decodeMask } from "./decode-mask.ts";
import { encodeMask } from "./encode-mask.ts";
import { encodePicture } from "./encode-picture.ts";
import { fitUpload } from "./fit-upload.ts";
import type { MaskSnapshot } from "./pixel-tools.ts";

const pixelWorker = {
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
  async fitUpload(png: Uint8Array<ArrayBuffer>) {
    const file = await fitUpload(png, encodePicture);
    return transfer(file, [file.bytes.buffer]);
  },
};
export type PixelWorker = typeof pixelWorker;

expose(pixelWorker);
