import { expect, test } from "vitest";
import { chooseDevice } from "../../../../plugin/engine-worker/runtime/choose-device.ts";

function gpu(requestAdapter: () => Promise<GPUAdapter | null>): GPU {
  return { requestAdapter } as unknown as GPU;
}
function adapterOf(info: Partial<GPUAdapterInfo>): GPUAdapter {
  return { info } as GPUAdapter;
}
const withAdapter = gpu(async () => adapterOf({ vendor: "nvidia", architecture: "ampere" }));

test("takes WebGPU when an adapter exists", async () => {
  expect(await chooseDevice(withAdapter)).toEqual({ device: "webgpu" });
});

test.each([
  ["there is no WebGPU", undefined, "no WebGPU"],
  ["there is no adapter", gpu(async () => null), "no graphics device"],
  ["there is SwiftShader", gpu(async () => adapterOf({ architecture: "swiftshader" })), "software"],
  ["there is llvmpipe", gpu(async () => adapterOf({ description: "llvmpipe (LLVM 19.1.7)" })), "software"],
  ["the adapter is a fallback", gpu(async () => adapterOf({ isFallbackAdapter: true })), "software"],
  ["asking for one fails", gpu(() => Promise.reject(new Error("driver gone"))), "driver gone"],
])("takes WASM and says why when %s", async (_, offered, reason) => {
  const chosen = await chooseDevice(offered);
  expect(chosen.device).toBe("wasm");
  expect(chosen.reason).toContain(reason);
});

test("takes WASM without a reason when it is asked for", async () => {
  expect(await chooseDevice(withAdapter, "wasm")).toEqual({ device: "wasm" });
});

test("refuses when WebGPU is asked for and absent", async () => {
  await expect(chooseDevice(undefined, "webgpu")).rejects.toMatchObject({ code: "device-unavailable" });
});

test("takes software where it is asked for", async () => {
  const software = gpu(async () => adapterOf({ architecture: "swiftshader" }));
  expect(await chooseDevice(software, undefined, true)).toEqual({ device: "webgpu" });
  expect(await chooseDevice(software, "webgpu")).toEqual({ device: "webgpu" });
});
