import type { DeviceMemory } from "../../../shared/planning/plan-execution.ts";
import type { Device } from "../../../shared/protocol/api.ts";
import { listPackFiles } from "../../models/list-pack-files.ts";

/**
 * Times their files that graphs take once loaded onto the CPU: weights of 16 bits become 32, and what convolutions and
 * products read is laid out a second time. Measured: 3.8 for the starter, whose files have 16 bits.
 */
const LOADED_COPIES = 4;

/** Whether a pack's graphs may all stay loaded ("fast"), or text encoder and denoiser take turns ("lean"). */
export function memoryMode(graphBytes: number, budget: number): "fast" | "lean" {
  return graphBytes > budget ? "lean" : "fast";
}

/** What is left of a device's budget for drawing once a pack's graphs are loaded. */
export function drawingMemory(graphBytes: number, device: Device, budget: number): DeviceMemory {
  const loaded = graphBytes * (device === "cpu" ? LOADED_COPIES : 1);
  // On the starter, four variants took a processor as long together as one after the other; cards wait less in between.
  return { budget: Math.max(0, budget - loaded), gainsFromBatches: device !== "cpu" };
}

/** Bytes of a pack's graphs and their external weights. */
export async function graphBytes(folder: string): Promise<number> {
  const files = await listPackFiles(folder);
  const weights = files.filter(({ path }) => /\.(onnx|onnx_data|pb|data)$/.test(path));
  return weights.reduce((sum, { size }) => sum + size, 0);
}
