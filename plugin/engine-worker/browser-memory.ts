import type { DeviceMemory } from "../../shared/planning/plans/memory-ladder.ts";
import type { BrowserDevice } from "../../shared/protocol/engine-worker-api.ts";

const GIGABYTE = 1024 ** 3;
/** Where the browser does not say: Chromium alone does, and on secure origins only. A usual laptop has twice that. */
const DEFAULT_DEVICE_GIGABYTES = 4;
/** Share of the machine's memory that drawing may take beside the browser and everything else. */
const SHARE = 0.5;
/** The heap of WebAssembly with 32-bit addresses ends at 4 GB, which graphs, pictures and the runtime share. */
const WASM_BYTES = 3 * GIGABYTE;
/** Weights are stored in 16 bits and computed in 32 by WASM, which lays them out a second time; see the companion's memory mode. */
const LOADED_COPIES = { wasm: 4, webgpu: 1 };

/**
 * What the browser has left for drawing once a pack is loaded.
 *
 * @param packBytes bytes of its denoiser's files
 * @param deviceGigabytes `navigator.deviceMemory`: the machine's memory, rounded down, 8 at most
 */
export function browserMemory(
  device: BrowserDevice["device"],
  packBytes: number,
  deviceGigabytes = (navigator as { readonly deviceMemory?: number }).deviceMemory ?? DEFAULT_DEVICE_GIGABYTES,
): DeviceMemory {
  const share = deviceGigabytes * GIGABYTE * SHARE;
  const budget = device === "wasm" ? Math.min(share, WASM_BYTES) : share;
  return {
    budget: Math.max(0, budget - packBytes * LOADED_COPIES[device]),
    gainsFromBatches: device === "webgpu",
  };
}
