import type { BrowserDevice } from "../../shared/protocol/engine-worker-api.ts";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";

/** WebGPU if an adapter exists, else WASM with the reason; or the wanted device, which must then be there. */
export async function chooseDevice(
  gpu: GPU | undefined,
  wanted?: BrowserDevice["device"] | undefined,
): Promise<BrowserDevice> {
  if (wanted === "wasm") return { device: "wasm" };
  const reason = await whyNoWebGpu(gpu);
  if (reason === undefined) return { device: "webgpu" };
  if (wanted === "webgpu") throw new OverpaintError("device-unavailable", reason, "Let the device be chosen.");
  return { device: "wasm", reason };
}

async function whyNoWebGpu(gpu: GPU | undefined): Promise<string | undefined> {
  if (gpu === undefined) return "This browser offers no WebGPU here.";
  try {
    const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
    return adapter === null ? "This browser found no graphics device for WebGPU." : undefined;
  } catch (error) {
    return `WebGPU failed: ${error instanceof Error ? error.message : String(error)}`;
  }
}
