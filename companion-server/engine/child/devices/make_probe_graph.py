"""Writes probe-graph.ts: the small graph by which a device proves that it works. Run: python make_probe_graph.py (needs onnx, numpy)."""

import base64
import pathlib

import numpy
from onnx import TensorProto, checker, helper, numpy_helper

# 9 channels are what an inpainting model's first convolution takes, and what some drivers get wrong.
INPUT_CHANNELS, CHECKED_CHANNELS, CHANNELS, SIZE = 9, 8, 32, 128


def picture(name, channels):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, channels, SIZE, SIZE])


# No two weights alike, so that values read from a wrong place show.
checked_weights = numpy.sin(numpy.arange(CHECKED_CHANNELS * INPUT_CHANNELS * 9)).astype(numpy.float32)
graph = helper.make_graph(
    [
        helper.make_node("ConstantOfShape", ["second_shape"], ["second"]),
        helper.make_node("ConstantOfShape", ["third_shape"], ["third"]),
        helper.make_node("Conv", ["x", "first"], ["checked"], pads=[1, 1, 1, 1]),
        helper.make_node("Conv", ["checked", "second"], ["wider"], pads=[1, 1, 1, 1]),
        helper.make_node("Conv", ["wider", "third"], ["costly"], pads=[1, 1, 1, 1]),
    ],
    "probe",
    [picture("x", INPUT_CHANNELS)],
    [picture("checked", CHECKED_CHANNELS), picture("costly", CHANNELS)],
    [
        numpy_helper.from_array(checked_weights.reshape(CHECKED_CHANNELS, INPUT_CHANNELS, 3, 3), "first"),
        helper.make_tensor("second_shape", TensorProto.INT64, [4], [CHANNELS, CHECKED_CHANNELS, 3, 3]),
        helper.make_tensor("third_shape", TensorProto.INT64, [4], [CHANNELS, CHANNELS, 3, 3]),
    ],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
checker.check_model(model)

text = base64.b64encode(model.SerializeToString()).decode()
pathlib.Path(__file__).with_name("probe-graph.ts").write_text(
    f"""/**
 * An ONNX graph made by make_probe_graph.py: 3x3 convolutions, the operator that dominates diffusion, with padding 1.
 * `checked` is the first, with weight k = sin(k) in the order [output, input, row, column]; `costly` is there for its
 * 0.4 GFLOP: nothing for a graphics card, seconds for software that imitates one.
 */
export const PROBE_GRAPH = Buffer.from(
  "{text}",
  "base64",
);
export const PROBE_INPUT_CHANNELS = {INPUT_CHANNELS};
export const PROBE_CHECKED_CHANNELS = {CHECKED_CHANNELS};
/** Width and height of all pictures. */
export const PROBE_SIZE = {SIZE};
"""
)
