import { totalmem } from "node:os";
import type { Device } from "../../../shared/protocol/api.ts";
import { listPackFiles } from "../../models/list-pack-files.ts";

/** Share of this machine's memory that a model's graphs may take on the CPU: the rest is for pictures and everybody else. */
const CPU_SHARE = 0.5;
/** What graphs may take together on a graphics card, whose memory no runtime tells us: half of a card of 8 GB. */
const CARD_BYTES = 4 * 1024 ** 3;

/** Whether a pack's graphs may all stay loaded ("fast"), or text encoder and denoiser take turns ("lean"). */
export function memoryMode(graphBytes: number, device: Device, machineBytes = totalmem()): "fast" | "lean" {
  const budget = device === "cpu" ? machineBytes * CPU_SHARE : CARD_BYTES;
  return graphBytes > budget ? "lean" : "fast";
}

/** Bytes of a pack's graphs and their external weights, which is about what they take once loaded. */
export async function graphBytes(folder: string): Promise<number> {
  const files = await listPackFiles(folder);
  const weights = files.filter(({ path }) => /\.(onnx|onnx_data|pb|data)$/.test(path));
  return weights.reduce((sum, { size }) => sum + size, 0);
}
