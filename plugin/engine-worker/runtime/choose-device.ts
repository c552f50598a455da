import type { BrowserDevice } from "../../../shared/protocol/engine-worker-api.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";

/** Drivers that compute on the CPU, slower than WASM does. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|basic render|\bwarp\b/i;

/**
 * WebGPU if a graphics device exists, else WASM with the reason; or the wanted device, which must then be there. A device that is
 * software counts where WebGPU is wanted, or with `acceptsSoftware`.
 */
export async function chooseDevice(
  gpu: GPU | undefined,
  wanted?: BrowserDevice["device"] | undefined,
  acceptsSoftware = wanted === "webgpu",
): Promise<BrowserDevice> {
  if (wanted === "wasm") return { device: "wasm" };
  const reason = await whyNoWebGpu(gpu, acceptsSoftware);
  if (reason === undefined) return { device: "webgpu" };
  if (wanted === "webgpu") throw new OverpaintError("device-unavailable", reason, "Let the device be chosen.");
  return { device: "wasm", reason };
}

async function whyNoWebGpu(gpu: GPU | undefined, acceptsSoftware: boolean): Promise<string | undefined> {
  if (gpu === undefined) return "This browser offers no WebGPU here.";
  try {
    const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
    if (adapter === null) return "This browser found no graphics device for WebGPU.";
    if (acceptsSoftware || !isSoftware(adapter.info)) return undefined;
    return "The only graphics device for WebGPU is software, which is slower than WASM.";
  } catch (error) {
    return `WebGPU failed: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function isSoftware({ isFallbackAdapter, vendor, architecture, device, description }: GPUAdapterInfo): boolean {
  return isFallbackAdapter || SOFTWARE.test([vendor, architecture, device, description].join(" "));
}
