import { expect, test } from "vitest";
import { explainFailure } from "../../../companion-server/engine/mend-device.ts";

test.each([
  [
    "cuda",
    "OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library",
    /provider for CUDA is not installed/,
    /^ONNXRUNTIME_NODE_INSTALL=/,
  ],
  [
    "cuda",
    "Failed to load library libonnxruntime_providers_cuda.so with error: libcublasLt.so.13: cannot open shared object file",
    /CUDA 13 are missing/,
    /cuda-libraries-13-0/,
  ],
  ["cuda", "libcudnn.so.9: cannot open shared object file: No such file or directory", /cuDNN 9/, /cudnn9-cuda-13/],
  ["cuda", "CUDA failure 35: CUDA driver version is insufficient for CUDA runtime version", /too old/, /driver 580/],
  ["webgpu", "Failed to get a WebGPU adapter: No supported adapters", /Vulkan driver/, /mesa-vulkan-drivers/],
  ["webgpu", "no answer within 30 s", /hangs/, /Restart/],
] as const)("says of %s what fails and how it is mended: %s", (device, reason, words, mend) => {
  const failure = explainFailure(device, reason, "linux-x64");
  expect(failure.reason).toMatch(words);
  expect(failure.mend).toMatch(mend);
});

test("says on a machine without a binary that the panel still draws", () => {
  const reason = "Cannot find module '../bin/napi-v6/darwin/x64/onnxruntime_binding.node'\nRequire stack: …";
  expect(explainFailure("cpu", reason, "darwin-x64")).toEqual({
    reason: "onnxruntime has no binary for darwin-x64",
    mend: expect.stringContaining("browser"),
  });
});

test("leaves a reason that nobody knows as it is", () => {
  expect(explainFailure("dml", "something new", "win32-x64")).toEqual({ reason: "something new" });
});
