import { expect, test } from "vitest";
import {
  isOutOfMemory,
  missingOperator,
} from "../../../../../companion-server/engine/child/devices/runtime-failure.ts";

test.each([
  ["the runtime's arena", "Failed to allocate memory for requested buffer of size 4294967296"],
  ["CUDA", "CUDA failure 2: out of memory ; GPU=0 ; hostname=x ; expr=cudaMalloc((void**)&p, size);"],
  ["CUDA's own name", "cudaErrorMemoryAllocation"],
  ["cuBLAS", "CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED ; GPU=0 ; expr=cublasCreate(&cublas_handle_);"],
  ["cuDNN 8", "CUDNN failure 2: CUDNN_STATUS_ALLOC_FAILED ; GPU=0"],
  ["cuDNN 9", "CUDNN failure 5003: CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED ; GPU=0"],
  [
    "DirectML",
    "DmlCommittedResourceAllocator Exception(1) tid(2) 8007000E Not enough memory resources are available to complete this operation.",
  ],
  ["Windows", "Not enough memory resources are available to complete this operation."],
  ["MSVC", "bad allocation"],
  ["libstdc++", "std::bad_alloc"],
  ["Metal under CoreML", "Insufficient Memory (00000008:kIOGPUCommandBufferCallbackErrorOutOfMemory)"],
  ["Metal's own", "MTLCommandBufferErrorOutOfMemory"],
  ["Vulkan under Dawn", "vkAllocateMemory failed with VK_ERROR_OUT_OF_DEVICE_MEMORY"],
  ["WebGPU", "Buffer size (4294967296) exceeds the max buffer size limit (2147483648)."],
  ["V8", "Array buffer allocation failed"],
  ["Linux", "mmap failed: Cannot allocate memory"],
])("takes what %s says for a want of memory", (_who, text) => {
  expect(isOutOfMemory(new Error(text))).toBe(true);
});

test.each([
  "887A0005 The GPU device instance has been suspended.",
  "Non-zero status code returned while running Conv node.",
  "Failed to load shared library",
  "Protobuf parsing failed.",
])("does not take %j for it", (text) => {
  expect(isOutOfMemory(new Error(text))).toBe(false);
});

test.each([
  ["Could not find an implementation for NhwcConv(1) node with name 'conv_in'", "NhwcConv"],
  [
    "Load model from m.onnx failed:Fatal error: com.microsoft:GroupNorm(-1) is not a registered function/op",
    "com.microsoft:GroupNorm",
  ],
  ["This is an invalid model. Error: No Op registered for SkipGroupNorm with domain_version of 1", "SkipGroupNorm"],
  ["Failed to find kernel for GroupNorm", "GroupNorm"],
])("finds the operator that is missing in %j", (text, operator) => {
  expect(missingOperator(new Error(text))).toBe(operator);
});

test("finds none in other failures", () => {
  expect(missingOperator(new Error("Protobuf parsing failed."))).toBeUndefined();
});
