"""python -m training.import_pack: reads the first starter pack back into a run, to continue training from it.

Packs written by `training.export` carry the networks' own names. The first starter pack's graphs carry shorter names and
call some matrices only by number; a table of prefixes and the order of the graph's nodes tell which is which.
"""

import argparse
import re
from dataclasses import asdict
from pathlib import Path

import onnx
import torch
from onnx import numpy_helper
from torch import Tensor

from training.checkpoint import save_checkpoint
from training.models.autoencoder import Autoencoder
from training.models.average import WeightAverage
from training.models.text_encoder import TextEncoder, TextEncoderConfig
from training.models.tokenizer import Tokenizer
from training.models.unet import UNet
from training.run_folder import add_run_arguments, run_folder

UNET_PREFIXES = {
    "t1": "time_in", "t2": "time_out", "tx": "text_summary", "inp": "conv_in",
    "d0": "down1.0", "w0": "shrink1", "d1.0": "down2.0", "d1.1": "down2.1", "d1t": "down2_text", "w1": "shrink2",
    "d2.0": "down3.0", "d2.1": "down3.1", "mt.0": "middle.0", "mt.1": "middle.1",
    "u2.0": "up3.0", "u2.1": "up3.1", "ut": "up3_text", "p1": "grow2", "k1": "skip2",
    "u1.0": "up2.0", "u1.1": "up2.1", "u1t": "up2_text", "p0": "grow1", "k0": "skip1",
    "u0.0": "up1.0", "u0.1": "up1.1", "out": "conv_out",
}  # fmt: skip
UNET_SUFFIXES = {
    "a": "conv_in", "b": "conv_out", "e": "condition", "n.0": "norm_self.gain", "n.1": "norm_text.gain", "n.2": "norm_mlp.gain",
    "f1": "mlp_in", "f2": "mlp_out", "sa": "attend_self", "ca": "attend_text", "gq": "query_norm.gain", "gk": "key_norm.gain",
    "q": "query", "k": "key", "v": "value", "o": "out",
}  # fmt: skip
TEXT_SUFFIXES = {
    "l1": "norm_attention",
    "l2": "norm_mlp",
    "qkv": "query_key_value",
    "o": "attention_out",
    "f1": "mlp_in",
    "f2": "mlp_out",
}
VAE_NAMES = {"r1": "quarter", "r2": "eighth", "a": "conv_in", "b": "conv_out", "f1": "fine_in", "f2": "fine_out"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_run_arguments(parser)
    parser.add_argument("--pack", required=True)
    arguments = parser.parse_args()
    folder = run_folder(arguments)
    unet, text, autoencoder, tokenizer = import_first_pack(Path(arguments.pack))
    save_checkpoint(folder / "imported.pt", average=WeightAverage(unet), text_average=WeightAverage(text),
                    config=asdict(unet.config), text_config=asdict(text.config))  # fmt: skip
    save_checkpoint(folder / "imported-autoencoder.pt", average=autoencoder)
    tokenizer.save(folder / "tokenizer")
    print(f"{folder / 'imported.pt'}, {folder / 'imported-autoencoder.pt'}, {folder / 'tokenizer'}")


def graph_weights(path: Path) -> dict[str, Tensor]:
    """Initializers in fp32 by name. Matrices named only by number are named after the MatMul or Mul that uses them, and transposed."""
    graph = onnx.load(str(path)).graph
    stored = {i.name: torch.from_numpy(numpy_helper.to_array(i).copy()).float() for i in graph.initializer}
    widened = {node.output[0]: node.input[0] for node in graph.node if node.op_type == "Cast" and node.input[0] in stored}
    for node in graph.node:
        if node.op_type == "Mul" and node.input[0] in widened and node.input[1] in stored:  # int8 and its scales
            stored[node.output[0]] = stored.pop(widened[node.input[0]]) * stored.pop(node.input[1])
    weights = {re.sub("_h$", "", name): value for name, value in stored.items() if not name.startswith("onnx::")}
    for node in graph.node:
        for name in node.input:
            if not name.startswith("onnx::"):
                continue
            value = stored.get(widened.get(name, name))
            if value is None:
                continue
            owner = node.name.strip("/").replace("/", ".")
            if node.op_type == "MatMul":
                weights[owner.removesuffix(".MatMul") + ".weight"] = value.T.contiguous()
            elif node.op_type == "Mul":
                weights[owner] = value
    return weights


def rename_unet(name: str) -> str:
    name = name.removeprefix("u.")
    prefix = max((p for p in UNET_PREFIXES if name == p or name.startswith(p + ".")), key=len)
    rest = name[len(prefix) + 1 :]
    if rest == "Mul":
        return f"{UNET_PREFIXES[prefix]}.norm_in.gain"
    for short, long in UNET_SUFFIXES.items():
        rest = re.sub(rf"(^|\.){re.escape(short)}(?=\.|$)", rf"\g<1>{long}", rest, count=1)
    return f"{UNET_PREFIXES[prefix]}.{rest}"


def rename_text(name: str) -> str:
    name = name.removeprefix("t.")
    name = name.replace("lf.", "norm_out.").replace("tok.", "token.").replace("pos.", "position.")
    if name.startswith("b."):
        _, block, part, leaf = name.split(".")
        return f"blocks.{block}.{TEXT_SUFFIXES[part]}.{leaf}"
    return name


def rename_autoencoder(name: str) -> str:
    side, *parts = name.split(".")
    return ".".join([{"e": "encoder", "g": "decoder"}[side], *(VAE_NAMES.get(part, part) for part in parts)])


def import_first_pack(pack: Path) -> tuple[UNet, TextEncoder, Autoencoder, Tokenizer]:
    tokenizer = Tokenizer.load(pack / "tokenizer")
    unet, autoencoder = UNet(), Autoencoder()
    text = TextEncoder(TextEncoderConfig(vocabulary=len(tokenizer.vocabulary)))

    weights = {rename_unet(name): value for name, value in graph_weights(pack / "unet" / "model.onnx").items()}
    weights["norm_out.gain"] = torch.ones(unet.config.channels[0])  # the first pack's last normalisation has none
    unet.load_state_dict({name: value.reshape(unet.state_dict()[name].shape) for name, value in weights.items()})
    text.load_state_dict(
        {rename_text(name): value for name, value in graph_weights(pack / "text_encoder" / "model.onnx").items()}
    )

    both = graph_weights(pack / "vae_encoder" / "model.onnx") | graph_weights(pack / "vae_decoder" / "model.onnx")
    mean, deviation = both.pop("m"), both.pop("s")
    autoencoder.load_state_dict(
        {rename_autoencoder(name): value for name, value in both.items()} | {"mean": mean, "deviation": deviation}
    )
    return unet, text, autoencoder, tokenizer


if __name__ == "__main__":
    main()
