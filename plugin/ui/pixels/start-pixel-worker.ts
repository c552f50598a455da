import { wrap } from "comlink";
import { PENPOT_MAX_MEDIA_BYTES } from "../../../shared/protocol/limits.ts";
import type { PixelTools } from "./pixel-tools.ts";
import type { PixelWorker } from "./pixel-worker.ts";

/** The pixel worker, started at its first use. */
export function startPixelWorker(): PixelTools {
  let remote: ReturnType<typeof wrap<PixelWorker>> | undefined;
  const worker = () => {
    remote ??= wrap<PixelWorker>(new Worker(new URL("./pixel-worker.ts", import.meta.url), { type: "module" }));
    return remote;
  };
  return {
    // Nothing to compose: the file stays what it is, and need not travel.
    composeSource: async (file, layers) => (layers.length === 0 ? file : await worker().composeSource(file, layers)),
    thumbnailUrl: async (thumbnail) => await worker().thumbnailUrl(thumbnail),
    drawMask: async (region, image) => await worker().drawMask(region, image),
    padLayer: async (png, layer, image) => await worker().padLayer(png, layer, image),
    extendPicture: async (source, png, layer, frame) => await worker().extendPicture(source, png, layer, frame),
    mergeResult: async (source, png, layer, mask) => await worker().mergeResult(source, png, layer, mask),
    encodeMask: async (mask) => await worker().encodeMask(mask),
    decodeMask: async (png) => await worker().decodeMask(png),
    // Of a source that is open only its file can travel.
    selectColour: async ({ bytes, mime }, { x, y }, selection) =>
      await worker().selectColour({ bytes, mime }, { x, y }, selection),
    readPatch: async (png, isTurned) => await worker().readPatch(png, isTurned),
    growObject: async ({ bytes, mime }, { x, y }) => await worker().growObject({ bytes, mime }, { x, y }),
    changeMask: async (mask, change, clip) => await worker().changeMask(mask, change, clip),
    cutLayer: async (png, layer, visible) => await worker().cutLayer(new Uint8Array(png), layer, visible),
    fillCrop: async (png, layer, source) => await worker().fillCrop(new Uint8Array(png), layer, source),
    // Most results are small enough as they are, and need not travel.
    fitUpload: async (png) =>
      png.length <= PENPOT_MAX_MEDIA_BYTES ? { bytes: png, mime: "image/png" } : await worker().fitUpload(png),
  };
}
