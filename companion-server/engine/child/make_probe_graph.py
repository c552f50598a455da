"""Writes probe-graph.ts: the small graph by which a device proves that it works. Run: python make_probe_graph.py (onnx)."""

import base64
import pathlib

from onnx import TensorProto, checker, helper

CHANNELS, SIZE = 32, 128

weight_shape = helper.make_tensor("weight_shape", TensorProto.INT64, [4], [CHANNELS, CHANNELS, 3, 3])
graph = helper.make_graph(
    [
        helper.make_node(
            "ConstantOfShape", ["weight_shape"], ["weight"], value=helper.make_tensor("v", TensorProto.FLOAT, [1], [0.01])
        ),
        helper.make_node("Conv", ["x", "weight"], ["convolved"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["convolved"], ["y"]),
    ],
    "probe",
    [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, CHANNELS, SIZE, SIZE])],
    [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, CHANNELS, SIZE, SIZE])],
    [weight_shape],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
checker.check_model(model)

text = base64.b64encode(model.SerializeToString()).decode()
pathlib.Path(__file__).with_name("probe-graph.ts").write_text(
    f"""/**
 * An ONNX graph made by make_probe_graph.py: y = relu(conv3x3(x)) with every weight 0.01 and zero padding, the operator that
 * dominates diffusion. [1, {CHANNELS}, {SIZE}, {SIZE}] to the same, 0.3 GFLOP: nothing for a graphics card, seconds for software that imitates one.
 */
export const PROBE_GRAPH = Buffer.from(
  "{text}",
  "base64",
);
export const PROBE_CHANNELS = {CHANNELS};
export const PROBE_SIZE = {SIZE};
"""
)
