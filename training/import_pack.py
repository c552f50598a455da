"""python -m training.import_pack: reads a pack back into a run, to continue training from it.

Packs written by `training.export` carry the networks' own names. The starter's two encoders carry shorter ones, and call
matrices only by number; tables, and the nodes that use the matrices, tell which is which.
"""

import argparse
import json
import re
import shutil
from dataclasses import asdict
from pathlib import Path

import onnx
import torch
from onnx import numpy_helper
from torch import Tensor

from training.checkpoint import save_checkpoint
from training.data.attribution import add_credits
from training.models.autoencoder import Autoencoder, autoencoder_from_weights
from training.models.average import WeightAverage
from training.models.text_encoder import TextEncoder, TextEncoderConfig
from training.models.tokenizer import Tokenizer
from training.models.unet import UNet, UNetConfig
from training.pack_folder import component_folder
from training.run_folder import add_run_arguments, run_folder

SHORT_TEXT_NAMES = {
    "tok": "token", "pos": "position", "lf": "norm_out", "b": "blocks",
    "l1": "norm_attention", "l2": "norm_mlp", "qkv": "query_key_value", "o": "attention_out", "f1": "mlp_in", "f2": "mlp_out",
}  # fmt: skip
SHORT_ENCODER_NAMES = {
    "m": "mean", "s": "deviation", "e": "encoder", "r1": "quarter", "r2": "eighth", "a": "conv_in", "b": "conv_out",
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_run_arguments(parser)
    parser.add_argument("--pack", required=True)
    arguments = parser.parse_args()
    folder = run_folder(arguments)
    unet, text, autoencoder, tokenizer = import_pack(Path(arguments.pack))
    keep_vocabulary(folder, tokenizer)
    save_checkpoint(folder / "imported.pt", average=WeightAverage(unet), text_average=WeightAverage(text),
                    config=asdict(unet.config), text_config=asdict(text.config))  # fmt: skip
    save_checkpoint(folder / "imported-autoencoder.pt", average=autoencoder)
    credit_pack(folder / "ATTRIBUTION.md", Path(arguments.pack) / "ATTRIBUTION.md")
    print(f"{folder / 'imported.pt'}, {folder / 'imported-autoencoder.pt'}, {folder / 'tokenizer'}")


def keep_vocabulary(run: Path, tokenizer: Tokenizer) -> None:
    """Gives the run the pack's vocabulary, unless its own checkpoints may know another."""
    kept = run / "tokenizer"
    if (kept / "vocab.json").exists() and Tokenizer.load(kept).vocabulary != tokenizer.vocabulary:
        raise ValueError(f"{kept} holds another vocabulary, which this run's denoisers read: import into a run of its own")
    tokenizer.save(kept)


def credit_pack(attribution: Path, of_pack: Path) -> None:
    """What is trained from the pack owes its sources what the pack owes them."""
    if not of_pack.exists():
        print(f"{of_pack} is missing: add what the pack was trained on to {attribution} before you export")
    elif attribution.exists():
        add_credits(attribution, of_pack)
    else:
        shutil.copy(of_pack, attribution)


def import_pack(pack: Path) -> tuple[UNet, TextEncoder, Autoencoder, Tokenizer]:
    weights = graph_weights(component_folder(pack, "unet"))
    if "time_in.weight" not in weights:
        raise ValueError(f"{pack}: its denoiser is not a UNet of training.models; import a pack exported from a run's denoiser")
    unet = UNet(unet_config(weights))
    unet.load_state_dict(weights)

    text_folder = component_folder(pack, "text_encoder")
    heads = json.loads((text_folder / "config.json").read_text())["num_attention_heads"]
    weights = {own_text_name(name): value for name, value in graph_weights(text_folder).items()}
    vocabulary, width = weights["token.weight"].shape
    text = TextEncoder(TextEncoderConfig(vocabulary, width, count_parts(weights, "blocks"), heads))
    text.load_state_dict(weights)

    both = graph_weights(component_folder(pack, "vae_encoder")) | graph_weights(component_folder(pack, "vae_decoder"))
    autoencoder = autoencoder_from_weights({own_autoencoder_name(name): value for name, value in both.items()})
    return unet, text, autoencoder, Tokenizer.load(component_folder(pack, "tokenizer"))


def graph_weights(folder: Path) -> dict[str, Tensor]:
    """A component's weights in fp32 by name. Matrices with a number for a name get that of the MatMul that uses them, and are
    transposed."""
    graph = onnx.load(str(folder / "model.onnx")).graph
    stored = {i.name: torch.from_numpy(numpy_helper.to_array(i).copy()).float() for i in graph.initializer}
    widened = {node.output[0]: node.input[0] for node in graph.node if node.op_type == "Cast" and node.input[0] in stored}
    for node in graph.node:
        if node.op_type == "Mul" and node.input[0] in widened and node.input[1] in stored:  # int8 and its scales
            stored[node.output[0]] = stored.pop(widened[node.input[0]]) * stored.pop(node.input[1])
    weights = {re.sub("_h$", "", name): value for name, value in stored.items() if not name.startswith("onnx::")}
    for node in graph.node:
        if node.op_type == "Identity" and node.input[0] in weights:  # equal weights are stored once
            weights[node.output[0]] = weights[node.input[0]]
        if node.op_type == "MatMul" and node.input[1].startswith("onnx::"):
            owner = node.name.strip("/").replace("/", ".").removesuffix(".MatMul")
            weights[f"{owner}.weight"] = stored[widened.get(node.input[1], node.input[1])].T.contiguous()
    return weights


def unet_config(weights: dict[str, Tensor]) -> UNetConfig:
    """The size of the network that the weights are of."""
    return UNetConfig(
        in_channels=weights["conv_in.weight"].shape[1],
        out_channels=weights["conv_out.weight"].shape[0],
        channels=tuple(weights[f"{layer}.weight"].shape[0] for layer in ("conv_in", "shrink1", "shrink2")),
        blocks=tuple(count_parts(weights, level) for level in ("down1", "down2", "down3")),
        middle_transformers=count_parts(weights, "middle"),
        head_widths=tuple(len(weights[f"{level}.attend_self.query_norm.gain"]) for level in ("down2_text", "up3_text")),
        text_width=weights["text_summary.weight"].shape[1],
        time_width=weights["time_in.weight"].shape[0],
    )


def count_parts(weights: dict[str, Tensor], owner: str) -> int:
    return len({name.split(".")[1] for name in weights if name.startswith(f"{owner}.")})


def own_text_name(name: str) -> str:
    wrapper, *parts = name.split(".")
    return ".".join(parts if wrapper == "encoder" else [SHORT_TEXT_NAMES.get(part, part) for part in parts])


def own_autoencoder_name(name: str) -> str:
    parts = name.split(".")
    return ".".join(parts[1:] if parts[0] == "autoencoder" else [SHORT_ENCODER_NAMES.get(part, part) for part in parts])


if __name__ == "__main__":
    main()
