"""python -m training.convert_upscaler: writes models/fast-upscale from the ESRGAN networks of UpscalerJS.

The npm packages @upscalerjs/esrgan-slim and @upscalerjs/esrgan-medium (MIT) hold Keras graphs as JSON with their weights as
one block of float32. Both are read without TensorFlow; the same graph is evaluated a second time in numpy, pixel by
pixel as Keras defines it, and must agree with what onnxruntime makes of the ONNX file.

    npm pack @upscalerjs/esrgan-medium@1.0.0 && tar xzf upscalerjs-esrgan-medium-1.0.0.tgz
    python -m training.convert_upscaler --source package/models --out models/fast-upscale

Needs only numpy and onnx; with onnxruntime installed the result is checked.
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
FACTORS = (2, 3, 4)
# Below this many numbers the two bytes saved by fp16 are not worth the Cast node.
SMALLEST_HALVED = 1024
# Largest difference allowed between numpy and onnxruntime, in parts of the range 0..1: a quarter of an 8-bit level.
TOLERANCE = 1 / 1024


class KerasNetwork:
    """A Keras layers-model as TensorFlow.js stores it: layers in order of evaluation, and their weights."""

    def __init__(self, folder: Path):
        model = json.loads((folder / "model.json").read_text())
        config = model["modelTopology"]["model_config"]["config"]
        self.layers: list[dict] = config["layers"]
        (self.output, _, _), = config["output_layers"]
        self.weights: dict[str, np.ndarray] = {}
        for group in model["weightsManifest"]:
            block = b"".join((folder / path).read_bytes() for path in group["paths"])
            start = 0
            for entry in group["weights"]:
                count = int(np.prod(entry["shape"]))
                self.weights[entry["name"]] = np.frombuffer(block, "<f4", count, start).reshape(entry["shape"])
                start += 4 * count

    def steps(self) -> Iterator[tuple[str, str, dict, list[str]]]:
        """Class, name, settings and the names of the inputs of each layer."""
        for layer in self.layers:
            inputs = [node[0] for node in layer["inbound_nodes"][0]] if layer["inbound_nodes"] else []
            yield layer["class_name"], layer["name"], layer["config"], inputs

    def receptive_radius(self) -> int:
        """Input pixels on each side that an output pixel depends on: the longest way through the convolutions."""
        radius: dict[str, int] = {}
        for kind, name, settings, inputs in self.steps():
            reach = settings["kernel_size"][0] // 2 if kind == "Conv2D" else 0
            radius[name] = max((radius[i] for i in inputs), default=0) + reach
        return radius[self.output]

    def evaluate(self, picture: np.ndarray) -> np.ndarray:
        """[height, width, 3] in 0..1, as Keras would compute it."""
        values: dict[str, np.ndarray] = {}
        for kind, name, settings, inputs in self.steps():
            given = [values[i] for i in inputs]
            match kind:
                case "InputLayer":
                    values[name] = picture.astype(np.float64)
                case "Conv2D":
                    values[name] = convolve(given[0], self.weights[f"{name}/kernel"], self.weights[f"{name}/bias"])
                case "Activation":
                    values[name] = np.maximum(given[0], 0)
                case "Concatenate":
                    values[name] = np.concatenate(given, axis=2)
                case "Add":
                    values[name] = sum(given)
                case "UpSampling2D":
                    values[name] = given[0].repeat(settings["size"][0], axis=0).repeat(settings["size"][1], axis=1)
                case _:
                    raise ValueError(f"{kind} is not supported")
        return values[self.output]


def convolve(picture: np.ndarray, kernel: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Keras' "same" convolution: [height, width, in] with [rows, columns, in, out]."""
    rows, columns = kernel.shape[:2]
    height, width = picture.shape[:2]
    padded = np.pad(picture, ((rows // 2,) * 2, (columns // 2,) * 2, (0, 0)))
    result = np.zeros((height, width, kernel.shape[3])) + bias
    for row in range(rows):
        for column in range(columns):
            result += padded[row : row + height, column : column + width] @ kernel[row, column]
    return result


def phase_kernel(kernel: np.ndarray, factor: int) -> np.ndarray:
    """One convolution before the enlargement instead of one after it.

    A kernel over pixels repeated `factor` times sees, at each of the factor² phases of an output pixel, at most three
    different input pixels a side; summing the taps that meet the same one gives [factor² · out, in, 3, 3], whose answer
    DepthToSpace folds into the same picture for a fraction of the memory.
    """
    rows, columns, channels, outputs = kernel.shape
    folded = np.zeros((outputs, factor, factor, channels, 3, 3))
    for down in range(factor):
        for across in range(factor):
            for row in range(rows):
                for column in range(columns):
                    y = (down + row - rows // 2) // factor + 1
                    x = (across + column - columns // 2) // factor + 1
                    folded[:, down, across, :, y, x] += kernel[row, column].T
    return folded.reshape(outputs * factor * factor, channels, 3, 3)


def convert(network: KerasNetwork, factor: int) -> onnx.ModelProto:
    """Same graph, channels first: "image" [batch, 3, height, width] in 0..1 to "enlarged", factor times the size."""
    nodes: list[onnx.NodeProto] = []
    stored: list[onnx.TensorProto] = []

    def constant(name: str, values: np.ndarray) -> str:
        values = values.astype(np.float32)
        if values.size < SMALLEST_HALVED:
            stored.append(numpy_helper.from_array(values, name))
            return name
        stored.append(numpy_helper.from_array(values.astype(np.float16), f"{name}_half"))
        nodes.append(helper.make_node("Cast", [f"{name}_half"], [name], to=TensorProto.FLOAT))
        return name

    def convolution(name: str, source: str, kernel: np.ndarray, bias: np.ndarray, output: str) -> None:
        """kernel [out, in, rows, columns]"""
        pad = [kernel.shape[2] // 2, kernel.shape[3] // 2] * 2
        inputs = [source, constant(f"{name}.weight", kernel), constant(f"{name}.bias", bias)]
        nodes.append(helper.make_node("Conv", inputs, [output], name, pads=pad, kernel_shape=kernel.shape[2:]))

    repeated: dict[str, str] = {}
    joined: dict[str, list[str]] = {}
    for kind, name, settings, inputs in network.steps():
        match kind:
            case "InputLayer":
                nodes.append(helper.make_node("Identity", ["image"], [name]))
            case "Conv2D" if inputs[0] in repeated:
                bias = network.weights[f"{name}/bias"].repeat(factor * factor)
                kernel = phase_kernel(network.weights[f"{name}/kernel"], factor)
                convolution(name, repeated[inputs[0]], kernel, bias, "phases")
                nodes.append(helper.make_node("DepthToSpace", ["phases"], ["enlarged"], blocksize=factor, mode="CRD"))
            case "Conv2D" if inputs[0] in joined:
                # A convolution of joined channels is the sum of one for each part: no join of ten parts in memory.
                kernel = network.weights[f"{name}/kernel"].transpose(3, 2, 0, 1)
                parts = joined[inputs[0]]
                for i, (part, share) in enumerate(zip(parts, np.split(kernel, len(parts), axis=1), strict=True)):
                    bias = network.weights[f"{name}/bias"] if i == 0 else None
                    last = name if i == len(parts) - 1 else f"{name}.sum{i}"
                    convolution(f"{name}.{i}", part, share, bias, name if i == 0 == len(parts) - 1 else f"{name}.part{i}")
                    before = f"{name}.part0" if i == 1 else f"{name}.sum{i - 1}"
                    if i > 0:
                        nodes.append(helper.make_node("Add", [f"{name}.part{i}", before], [last]))
            case "Conv2D":
                kernel = network.weights[f"{name}/kernel"].transpose(3, 2, 0, 1)
                convolution(name, inputs[0], kernel, network.weights[f"{name}/bias"], name)
            case "Activation":
                nodes.append(helper.make_node("Relu", inputs, [name]))
            case "Concatenate":
                joined[name] = inputs
            case "Add":
                nodes.append(helper.make_node("Add", inputs, [name]))
            case "UpSampling2D":
                if settings["size"] != [factor, factor] or settings["interpolation"] != "nearest":
                    raise ValueError(f"{name} enlarges by {settings['size']}, not by {factor}")
                repeated[name] = inputs[0]
    values = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", 3, *size])
        for name, size in (("image", ("height", "width")), ("enlarged", ("enlarged_height", "enlarged_width")))
    ]
    graph = helper.make_graph(nodes, f"enlarge_x{factor}", values[:1], values[1:], stored)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="overpaint", ir_version=8)
    onnx.checker.check_model(model)
    return model


def difference(network: KerasNetwork, model: onnx.ModelProto) -> float:
    """Largest difference between numpy's answer and onnxruntime's, on noise and an edge, borders included."""
    import onnxruntime

    picture = np.random.default_rng(0).random((23, 31, 3)).astype(np.float32)
    picture[:, 15:] = picture[:, 15:] * 0.2 + 0.7
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (enlarged,) = session.run(None, {"image": picture.transpose(2, 0, 1)[None]})
    return float(np.abs(enlarged[0].transpose(1, 2, 0) - network.evaluate(picture)).max())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", required=True, help="the npm package's models folder")
    parser.add_argument("--out", required=True, help="the pack's folder")
    arguments = parser.parse_args()
    out = Path(arguments.out)
    for factor in FACTORS:
        network = KerasNetwork(Path(arguments.source) / f"x{factor}")
        model = convert(network, factor)
        folder = out / f"network_x{factor}"
        folder.mkdir(parents=True, exist_ok=True)
        onnx.save(model, str(folder / "model.onnx"))
        config = {"upscale_factor": factor, "receptive_radius": network.receptive_radius(), "value_range": [0, 1]}
        (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
        worst = difference(network, model)
        assert worst <= TOLERANCE, f"x{factor} differs from the reference by {worst}"
        size = (folder / "model.onnx").stat().st_size / 1e6
        print(f"x{factor}: {size:.2f} MB, radius {config['receptive_radius']}, differs by {worst * 255:.3f} levels at most")


if __name__ == "__main__":
    main()
