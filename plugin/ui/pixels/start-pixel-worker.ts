import { wrap } from "comlink";
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
    encodeMask: async (mask) => await worker().encodeMask(mask),
    cutLayer: async (png, layer, visible) => await worker().cutLayer(new Uint8Array(png), layer, visible),
  };
}
