import { expect, test } from "vitest";
import { runtimeReason } from "../../../../../companion-server/engine/child/devices/runtime-reason.ts";

test.each([
  ["Load model from /home/a b/unet/model.onnx failed:Protobuf parsing failed.", "Protobuf parsing failed."],
  [
    "Load model from /home/a/model.onnx failed:/onnxruntime_src/onnxruntime/core/graph/model.cc:187 " +
      "onnxruntime::Model::Model(onnx::ModelProto&&, const std::function<void (int)>&) ModelProto does not have a graph.\n",
    "ModelProto does not have a graph.",
  ],
  [
    "/onnxruntime_src/onnxruntime/core/a.cc:1 void f(const T&) [with T = int] x > 0 was false. No such device.",
    "No such device.",
  ],
])("keeps of %j what a reader can use", (message, reason) => {
  expect(runtimeReason(new Error(message))).toBe(reason);
});

test("ends a long reason with a whole word", () => {
  const reason = runtimeReason(new Error("word ".repeat(100)));
  expect(reason).toMatch(/ word …$/);
  expect(reason.length).toBeLessThanOrEqual(302);
});
