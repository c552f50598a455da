import { type Remote, wrap } from "comlink";
import { PENPOT_MAX_MEDIA_BYTES } from "../../../shared/protocol/limits.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import type { PixelTools } from "./pixel-tools.ts";
import type { PixelWorker } from "./pixel-worker.ts";

interface Running {
  readonly api: Remote<PixelWorker>;
  /** Rejects when its script cannot be loaded or fails; never resolves. */
  readonly death: Promise<never>;
}

/** The pixel worker, started at once: by the time that it is needed the server of its script may have stopped. */
export function startPixelWorker(): PixelTools {
  let running: Running | undefined;
  const start = (): Running => {
    const worker = new Worker(new URL("./pixel-worker.ts", import.meta.url), { type: "module" });
    const death = new Promise<never>((_, reject) => {
      worker.addEventListener("error", () => {
        running = undefined;
        worker.terminate();
        reject(
          new OverpaintError(
            "internal",
            "The panel's pixel tools stopped, or could not be loaded.",
            "Try again; if that does not help, start the companion and open the plugin anew.",
          ),
        );
      });
    });
    // Whoever waits at that moment hears of it; nobody has to.
    death.catch(() => {});
    return { api: wrap<PixelWorker>(worker), death };
  };
  running = start();
  const ask = async <Answer>(question: (api: Remote<PixelWorker>) => Promise<Answer>): Promise<Answer> => {
    running ??= start();
    const { api, death } = running;
    return await Promise.race([question(api), death]);
  };
  return {
    // Nothing to compose: the file stays what it is, and need not travel.
    composeSource: async (file, layers) =>
      layers.length === 0 ? file : await ask((worker) => worker.composeSource(file, layers)),
    thumbnailUrl: (thumbnail) => ask((worker) => worker.thumbnailUrl(thumbnail)),
    drawMask: (region, image) => ask((worker) => worker.drawMask(region, image)),
    padLayer: (png, layer, image) => ask((worker) => worker.padLayer(png, layer, image)),
    extendPicture: (source, png, layer, frame) => ask((worker) => worker.extendPicture(source, png, layer, frame)),
    mergeResult: (source, png, layer, mask) => ask((worker) => worker.mergeResult(source, png, layer, mask)),
    encodeMask: (mask) => ask((worker) => worker.encodeMask(mask)),
    decodeMask: (png) => ask((worker) => worker.decodeMask(png)),
    // Of a source that is open only its file can travel.
    selectColour: ({ bytes, mime }, { x, y }, selection) =>
      ask((worker) => worker.selectColour({ bytes, mime }, { x, y }, selection)),
    readPatch: (png, isTurned) => ask((worker) => worker.readPatch(png, isTurned)),
    growObject: ({ bytes, mime }, { x, y }) => ask((worker) => worker.growObject({ bytes, mime }, { x, y })),
    changeMask: (mask, change, clip) => ask((worker) => worker.changeMask(mask, change, clip)),
    cutLayer: (png, layer, visible) => ask((worker) => worker.cutLayer(new Uint8Array(png), layer, visible)),
    fillCrop: (png, layer, source) => ask((worker) => worker.fillCrop(new Uint8Array(png), layer, source)),
    // Most results are small enough as they are, and need not travel.
    fitUpload: async (png) =>
      png.length <= PENPOT_MAX_MEDIA_BYTES
        ? { bytes: png, mime: "image/png" }
        : await ask((worker) => worker.fitUpload(png)),
  };
}
