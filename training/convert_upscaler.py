"""python -m training.convert_upscaler: writes models/fast-upscale from an ESRGAN network of UpscalerJS.

The npm packages @upscalerjs/esrgan-slim and @upscalerjs/esrgan-medium (MIT) hold Keras graphs as JSON with their weights as
one block of float32. They are read without TensorFlow; the same graph is evaluated a second time in numpy, as Keras
defines it, and must agree with what onnxruntime makes of the ONNX file.

    npm pack @upscalerjs/esrgan-medium@1.0.0 && tar xzf upscalerjs-esrgan-medium-1.0.0.tgz
    python -m training.convert_upscaler --source package/models/x4 --out models/fast-upscale

Needs numpy, onnx and onnxruntime.
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
# Below this many numbers the two bytes saved by fp16 are not worth the Cast node.
SMALLEST_HALVED = 1024
# Side of a tile in pixels: a picture of this size takes 0.3 GB, of which a fifth is spent on the neighbours' pixels.
TILE = 384
# Largest difference allowed between numpy and onnxruntime, in parts of the range 0..1: a quarter of an 8-bit level.
TOLERANCE = 1 / 1024


class KerasNetwork:
    """A Keras layers-model as TensorFlow.js stores it: layers in order of evaluation, and their weights."""

    def __init__(self, folder: Path):
        model = json.loads((folder / "model.json").read_text())
        config = model["modelTopology"]["model_config"]["config"]
        self.layers: list[dict] = config["layers"]
        ((self.output, _, _),) = config["output_layers"]
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


class GraphWriter:
    """Collects the nodes and weights of an ONNX graph."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.stored: list[onnx.TensorProto] = []

    def node(self, operator: str, inputs: list[str], output: str, **attributes: object) -> str:
        self.nodes.append(helper.make_node(operator, inputs, [output], output, **attributes))
        return output

    def constant(self, name: str, values: np.ndarray) -> str:
        """Stored as fp16 and widened when the session is made, as everywhere in the packs."""
        if values.size < SMALLEST_HALVED:
            self.stored.append(numpy_helper.from_array(values.astype(np.float32), name))
            return name
        self.stored.append(numpy_helper.from_array(values.astype(np.float16), f"{name}_half"))
        return self.node("Cast", [f"{name}_half"], name, to=TensorProto.FLOAT)

    def convolution(self, name: str, parts: list[str], channels: list[int], kernel: np.ndarray, bias: np.ndarray) -> str:
        """Of joined channels: the sum of one convolution for each part, which never holds the joined ones in memory.

        kernel: [out, in, rows, columns]
        """
        pads = [kernel.shape[2] // 2, kernel.shape[3] // 2] * 2
        total = ""
        shares = np.split(kernel, np.cumsum(channels)[:-1], axis=1)
        for i, (part, share) in enumerate(zip(parts, shares, strict=True)):
            inputs = [part, self.constant(f"{name}.weight{i}", share)]
            if i == 0:
                inputs.append(self.constant(f"{name}.bias", bias))
            answer = self.node("Conv", inputs, f"{name}.part{i}", pads=pads, kernel_shape=kernel.shape[2:])
            total = self.node("Add", [total, answer], f"{name}.sum{i}") if total else answer
        return total


def convert(network: KerasNetwork, factor: int) -> onnx.ModelProto:
    """Same graph, channels first: "image" [batch, 3, height, width] in 0..1 to "enlarged", factor times the size."""
    writer = GraphWriter()
    values: dict[str, list[str]] = {}  # a layer's answer, in parts that join along the channels
    channels: dict[str, int] = {"image": 3}
    is_enlarged = False
    for kind, name, settings, inputs in network.steps():
        given = [part for i in inputs for part in values[i]]
        match kind:
            case "InputLayer":
                values[name] = ["image"]
            case "Conv2D":
                kernel, bias = network.weights[f"{name}/kernel"], network.weights[f"{name}/bias"]
                if is_enlarged:
                    kernel, bias = phase_kernel(kernel, factor), bias.repeat(factor * factor)
                else:
                    kernel = kernel.transpose(3, 2, 0, 1)
                values[name] = [writer.convolution(name, given, [channels[part] for part in given], kernel, bias)]
                channels[values[name][0]] = len(kernel)
            case "Activation":
                values[name] = [writer.node("Relu", given, name)]
                channels[name] = channels[given[0]]
            case "Concatenate":
                values[name] = given
            case "Add":
                values[name] = [writer.node("Add", given, name)]
                channels[name] = channels[given[0]]
            case "UpSampling2D":
                if settings["size"] != [factor, factor] or settings["interpolation"] != "nearest":
                    raise ValueError(f"{name} enlarges by {settings['size']}, not by {factor}")
                is_enlarged = True
                values[name] = given
    writer.node("DepthToSpace", values[network.output], "enlarged", blocksize=factor, mode="CRD")
    image, enlarged = (
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", 3, *size])
        for name, size in (("image", ("height", "width")), ("enlarged", ("enlarged_height", "enlarged_width")))
    )
    graph = helper.make_graph(writer.nodes, f"enlarge_x{factor}", [image], [enlarged], writer.stored)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="overpaint", ir_version=8)
    onnx.checker.check_model(model)
    return model


def difference(network: KerasNetwork, model: onnx.ModelProto) -> float:
    """Largest difference between numpy's answer and onnxruntime's, on noise and an edge, borders included."""
    picture = np.random.default_rng(0).random((23, 31, 3)).astype(np.float32)
    picture[:, 15:] = picture[:, 15:] * 0.2 + 0.7
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (enlarged,) = session.run(None, {"image": picture.transpose(2, 0, 1)[None]})
    return float(np.abs(enlarged[0].transpose(1, 2, 0) - network.evaluate(picture)).max())


def enlargement(network: KerasNetwork) -> int:
    (factor,) = {s["size"][0] for kind, _, s, _ in network.steps() if kind == "UpSampling2D"}
    return factor


def write_pack(out: Path, model: onnx.ModelProto, factor: int, radius: int) -> None:
    (out / "network").mkdir(parents=True, exist_ok=True)
    onnx.save(model, str(out / "network" / "model.onnx"))
    write_json(out / "network" / "config.json", {"upscale_factor": factor, "receptive_radius": radius})
    write_json(
        out / "model_index.json", {"_class_name": "SuperResolutionPipeline", "network": ["overpaint", "SuperResolutionNetwork"]}
    )
    # Bytes a pixel of the small picture takes, measured: `memory` of a pack is what planning goes by.
    memory = {"denoiser": {"perCell": 1750, "perCellPair": 0}}
    write_json(out / "overpaint.json", {"name": "Fast upscale", "licence": "MIT", "nativeSize": TILE, "memory": memory})


def write_json(path: Path, value: dict) -> None:
    path.write_text(json.dumps(value, indent=2) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", required=True, help="folder of the network's model.json")
    parser.add_argument("--out", required=True, help="the pack's folder")
    arguments = parser.parse_args()
    network = KerasNetwork(Path(arguments.source))
    factor, radius = enlargement(network), network.receptive_radius()
    model = convert(network, factor)
    worst = difference(network, model)
    assert worst <= TOLERANCE, f"the converted network differs from the reference by {worst}"
    write_pack(Path(arguments.out), model, factor, radius)
    print(f"x{factor}, radius {radius}, {model.ByteSize() / 1e6:.2f} MB, differs by {worst * 255:.3f} levels at most")


if __name__ == "__main__":
    main()
