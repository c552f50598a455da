import { expect, test } from "vitest";
import { chooseDevice } from "../../../plugin/engine-worker/choose-device.ts";

function gpu(requestAdapter: () => Promise<GPUAdapter | null>): GPU {
  return { requestAdapter } as unknown as GPU;
}
const withAdapter = gpu(async () => ({}) as GPUAdapter);

test("takes WebGPU when an adapter exists", async () => {
  expect(await chooseDevice(withAdapter)).toEqual({ device: "webgpu" });
});

test.each([
  ["there is no WebGPU", undefined, "no WebGPU"],
  ["there is no adapter", gpu(async () => null), "no graphics device"],
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
