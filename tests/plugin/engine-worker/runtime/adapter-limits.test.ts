import { expect, test } from "vitest";
import { requireFitting } from "../../../../plugin/engine-worker/runtime/adapter-limits.ts";

const MIB = 1024 ** 2;
const needs = { files: [], largestWeight: 128 * MIB, hasHalf: true };
const limits = { hasHalf: true, largestBinding: 128 * MIB };

test("takes a graph whose largest weight just fits", () => {
  expect(() => requireFitting("unet/model.onnx", needs, limits)).not.toThrow();
});

test.each([
  ["half precision", { ...limits, hasHalf: false }, "half precision, which this graphics device does not compute"],
  [
    "a weight that is too large",
    { ...limits, largestBinding: 64 * MIB },
    "128.0 MiB, and this graphics device takes up to 64.0 MiB",
  ],
])("refuses a graph for %s", (_, those, words) => {
  expect(() => requireFitting("unet/model.onnx", needs, those)).toThrow(
    expect.objectContaining({ code: "unsupported-model", message: expect.stringContaining(words) }),
  );
});
