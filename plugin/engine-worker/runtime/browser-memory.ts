import type { DeviceMemory } from "../../../shared/planning/plans/memory-ladder.ts";
import type { BrowserDevice } from "../../../shared/protocol/engine-worker-api.ts";

const GIGABYTE = 1024 ** 3;
/** Where the browser does not say: Chromium alone does, and on secure origins only. A usual laptop has twice that. */
const DEFAULT_DEVICE_GIGABYTES = 4;
/** Share of the machine's memory that drawing may take beside the browser and everything else. */
const SHARE = 0.5;
/** The heap of WebAssembly with 32-bit addresses ends at 4 GB, which graphs, pictures and the runtime share. */
const WASM_BYTES = 3 * GIGABYTE;
/** Weights are stored in 16 bits and computed in 32 by WASM, which lays them out a second time; see the companion's memory mode. */
const LOADED_COPIES = { wasm: 4, webgpu: 1 };

/** Bytes that graphs and drawing may take together. `deviceGigabytes`: see `navigator.deviceMemory`: rounded down, 8 at most. */
export function browserBudget(
  device: BrowserDevice["device"],
  deviceGigabytes = (navigator as { readonly deviceMemory?: number }).deviceMemory ?? DEFAULT_DEVICE_GIGABYTES,
): number {
  const share = deviceGigabytes * GIGABYTE * SHARE;
  return device === "wasm" ? Math.min(share, WASM_BYTES) : share;
}

/** How a model is kept, and what drawing has beside it. */
export interface KeptModelMemory {
  /** "fast": every graph stays loaded. "lean": text encoders and what draws take turns. */
  readonly mode: "fast" | "lean";
  readonly memory: DeviceMemory;
}

/**
 * What the browser has left for drawing once a model is loaded.
 *
 * @param weights bytes of the weights of its graphs, as they are stored, by the graphs' paths
 */
export function browserMemory(
  device: BrowserDevice["device"],
  weights: ReadonlyMap<string, number>,
  budget: number,
): KeptModelMemory {
  const loaded = (isCounted: (path: string) => boolean) =>
    [...weights].reduce((sum, [path, bytes]) => sum + (isCounted(path) ? bytes * LOADED_COPIES[device] : 0), 0);
  const isText = (path: string) => path.startsWith("text_encoder");
  const all = loaded(() => true);
  const inTurns = Math.max(
    loaded(isText),
    loaded((path) => !isText(path)),
  );
  const mode = all > budget ? "lean" : "fast";
  const taken = mode === "lean" ? inTurns : all;
  return { mode, memory: { budget: Math.max(0, budget - taken), gainsFromBatches: device === "webgpu" } };
}
