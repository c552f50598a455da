"""How a pack stores weights: smaller than the fp32 they compute in, widened by nodes that a session folds when it is made.

Cast and Mul are folded by every runtime. DequantizeLinear, made for the purpose, is kept by onnxruntime for integer kernels
it then does not use, and would run at every step.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
from onnx import NodeProto, TensorProto, helper, numpy_helper

# Below this many numbers what is saved is not worth the nodes.
SMALLEST_NARROWED = 1024
MOST_INT8 = 127


def store_as_half(path: Path) -> None:
    """Rewrites a graph's fp32 weights as fp16: half the size, exact to three digits."""

    def narrow(name: str, values: np.ndarray) -> tuple[list[TensorProto], list[NodeProto]]:
        half = numpy_helper.from_array(values.astype(np.float16), f"{name}_h")
        return [half], [helper.make_node("Cast", [half.name], [name], to=TensorProto.FLOAT)]

    rewrite_weights(path, narrow)


def store_as_bytes(path: Path) -> None:
    """Rewrites a graph's fp32 weights as int8 with a scale an output channel: a quarter of the size, exact to two digits."""

    def narrow(name: str, values: np.ndarray) -> tuple[list[TensorProto], list[NodeProto]]:
        # Kernels and embeddings have the output first. Matrices come both ways round: the better one is kept.
        candidates = [quantize(values, axis) for axis in ((0, 1) if values.ndim == 2 else (0,))]
        bytes_, scales = min(candidates, key=lambda pair: np.square(pair[0] * pair[1] - values).sum())
        stored = numpy_helper.from_array(bytes_, f"{name}_b"), numpy_helper.from_array(scales, f"{name}_s")
        cast = helper.make_node("Cast", [stored[0].name], [f"{name}_w"], to=TensorProto.FLOAT)
        return list(stored), [cast, helper.make_node("Mul", [f"{name}_w", stored[1].name], [name])]

    rewrite_weights(path, narrow)


def quantize(values: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """int8 values and the scales [1, …, channels, …, 1] that bring them back."""
    others = tuple(i for i in range(values.ndim) if i != axis)
    scales = np.maximum(np.abs(values).max(axis=others, keepdims=True), 1e-12) / MOST_INT8
    return np.round(values / scales).astype(np.int8), scales.astype(np.float32)


def rewrite_weights(path: Path, narrow: Callable[[str, np.ndarray], tuple[list[TensorProto], list[NodeProto]]]) -> None:
    model = onnx.load(str(path))
    graph, kept, widening = model.graph, [], []
    for initializer in graph.initializer:
        values = numpy_helper.to_array(initializer)
        if initializer.data_type != TensorProto.FLOAT or values.size < SMALLEST_NARROWED:
            kept.append(initializer)
            continue
        stored, nodes = narrow(initializer.name, values)
        kept += stored
        widening += nodes
    nodes = [*widening, *graph.node]
    del graph.initializer[:], graph.node[:]
    graph.initializer.extend(kept)
    graph.node.extend(nodes)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
