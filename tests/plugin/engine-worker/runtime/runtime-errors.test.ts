import { expect, test } from "vitest";
import { openingError, runningError } from "../../../../plugin/engine-worker/runtime/runtime-errors.ts";

test.each([
  "std::bad_alloc",
  "failed to call OrtRun(). ERROR_CODE: 1, ERROR_MESSAGE: /onnxruntime/core/common/safeint.h:17 static void SafeIntExceptionHandler<onnxruntime::OnnxRuntimeException>::SafeIntOnOverflow() Integer overflow",
  `failed to call OrtRun(). ERROR_CODE: 2, ERROR_MESSAGE: ${"/deep/folder".repeat(30)}/op_kernel.cc:83 2 : INVALID_ARGUMENT : Tensor shape is too large`,
])("takes what exceeds a 32-bit address for a want of memory, and says what to do: %s", (message) => {
  const remedy = "Start the companion, paint a smaller area or use a smaller model.";
  for (const error of [runningError("wasm", new Error(message)), openingError("unet", "webgpu", new Error(message))])
    expect(error).toMatchObject({ code: "out-of-memory", remedy });
});

test("tells a device at fault from a file", () => {
  const cause = new Error("unknown operator");
  expect(openingError("unet", "wasm", cause)).toMatchObject({ code: "damaged-model" });
  expect(openingError("unet", "webgpu", cause)).toMatchObject({ code: "device-unavailable" });
  expect(runningError("wasm", 1234)).toMatchObject({ code: "internal" });
});
