"""python -m training.export: writes a pack in the diffusers ONNX layout from a run's checkpoints, or from a diffusers folder.

Weights are stored as fp16, or as int8, and widened by nodes that a session folds when it is made: a half or a quarter of
the download, fp32 arithmetic on CPU. Names in the graphs are the networks' own, so `training.import_pack` can read them back.
"""

import argparse
import shutil
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn

from training.checkpoint import load_checkpoint
from training.export_upscaler import export_upscaler
from training.models.autoencoder import LATENT_CELL, NIL_LOG_VARIANCE, SCALING_FACTOR, Autoencoder, autoencoder_from_weights
from training.models.text_encoder import CONTEXT, TextEncoder, TextEncoderConfig
from training.models.unet import UNet, network_config
from training.pack_writing import DIFFUSERS_VERSION, SCHEDULE, credit_sources, export_graph, write_json
from training.run_folder import add_run_arguments, run_folder
from training.weight_storage import store_as_bytes, store_as_half

SCHEDULERS = {
    "dpmpp-2m": {
        "_class_name": "DPMSolverMultistepScheduler", **SCHEDULE, "steps_offset": 1, "clip_sample": False,
        "algorithm_type": "dpmsolver++", "solver_order": 2, "solver_type": "midpoint", "lower_order_final": True,
        "thresholding": False,
    },
    "ddim": {"_class_name": "DDIMScheduler", **SCHEDULE, "steps_offset": 1, "clip_sample": False, "set_alpha_to_one": True},
}  # fmt: skip
# What packs of one family have in common: a pack may borrow it from another that lies beside it.
LENDABLE = ("text_encoder", "tokenizer", "vae_encoder", "vae_decoder")


class ExportedTextEncoder(nn.Module):
    def __init__(self, encoder: TextEncoder):
        super().__init__()
        self.encoder = encoder

    def forward(self, input_ids: Tensor) -> tuple[Tensor, Tensor]:
        hidden = self.encoder(input_ids)
        return hidden, hidden[:, -1]


class ExportedEncoder(nn.Module):
    """Mean and log-variance, before scaling, as diffusers' AutoencoderKL gives them."""

    def __init__(self, autoencoder: Autoencoder):
        super().__init__()
        self.autoencoder = autoencoder

    def forward(self, sample: Tensor) -> Tensor:
        mean = self.autoencoder.encode(sample) / SCALING_FACTOR
        return torch.cat([mean, torch.full_like(mean, NIL_LOG_VARIANCE)], dim=1)


class ExportedDecoder(nn.Module):
    def __init__(self, autoencoder: Autoencoder):
        super().__init__()
        self.autoencoder = autoencoder

    def forward(self, latent_sample: Tensor) -> Tensor:
        return self.autoencoder.decode(latent_sample * SCALING_FACTOR).clamp(-1, 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_run_arguments(parser)
    parser.add_argument("--out", required=True, help="the pack's folder; replaced")
    parser.add_argument("--title", default="Starter")
    parser.add_argument("--denoiser", default="denoiser", help="the checkpoint's name in the run folder")
    parser.add_argument("--autoencoder", default="autoencoder")
    parser.add_argument("--native-size", type=int, default=128)
    parser.add_argument("--largest-size", type=int, default=0, help="that pictures are refined at; default: the native size")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--guidance", type=float, default=2.5)
    parser.add_argument("--sampler", choices=list(SCHEDULERS), default="dpmpp-2m", help="ddim for a distilled denoiser")
    parser.add_argument("--weights", choices=["fp16", "int8"], default="fp16", help="how the denoiser's weights are stored")
    parser.add_argument(
        "--borrow", default=None, help="a pack beside this one, of the same run, to take everything but the denoiser from"
    )
    parser.add_argument("--upscaler", default=None, help="export this upscaler checkpoint instead of a denoiser")
    parser.add_argument("--diffusers", default=None, help="export this diffusers Stable Diffusion folder instead of a run")
    arguments = parser.parse_args()
    out = Path(arguments.out)
    shutil.rmtree(out, ignore_errors=True)
    if arguments.diffusers:
        from training.export_diffusers import export_diffusers  # needs diffusers; a run's own packs do not

        export_diffusers(Path(arguments.diffusers), out, arguments.title)
    elif arguments.upscaler:
        export_upscaler(run_folder(arguments), arguments.upscaler, out, arguments.title, arguments.steps)
    else:
        export_run(run_folder(arguments), out, arguments)
    print(f"{out}: {sum(f.stat().st_size for f in out.rglob('*') if f.is_file()) / 1e6:.1f} MB")


def export_run(folder: Path, out: Path, arguments: argparse.Namespace) -> None:
    state = load_checkpoint(folder / f"{arguments.denoiser}.pt")
    unet = UNet(network_config(state["config"]))
    text = TextEncoder(TextEncoderConfig(**state["text_config"]))
    unet.load_state_dict(state["average"]["weights"])
    text.load_state_dict(state["text_average"]["weights"])
    autoencoder = autoencoder_from_weights(load_checkpoint(folder / f"{arguments.autoencoder}.pt")["average"])
    write_denoiser(out, unet.eval(), arguments.native_size, store_as_bytes if arguments.weights == "int8" else store_as_half)
    if not arguments.borrow:
        write_surroundings(out, text.eval(), autoencoder.eval(), folder / "tokenizer", arguments.native_size)
    defaults = {"scheduler": arguments.sampler, "steps": arguments.steps, "guidanceScale": arguments.guidance}
    sizes = {"nativeSize": arguments.native_size, "largestSize": arguments.largest_size or arguments.native_size}
    write_description(out, arguments.title, sizes, defaults, credit_sources(folder, out), arguments.borrow)


def write_denoiser(out: Path, unet: UNet, native_size: int, store: Callable[[Path], None] = store_as_half) -> None:
    cells, width = native_size // LATENT_CELL, unet.config.text_width
    picture = {0: "batch", 2: "height", 3: "width"}
    export_graph(
        out / "unet", unet,
        (torch.zeros(2, unet.config.in_channels, cells, cells), torch.tensor([500]), torch.zeros(2, CONTEXT, width)),
        {"sample": picture, "timestep": {0: "steps"}, "encoder_hidden_states": {0: "batch"}}, {"out_sample": picture},
        {"_class_name": "UNet2DConditionModel",
         "in_channels": unet.config.in_channels, "out_channels": unet.config.out_channels,
         "sample_size": cells, "cross_attention_dim": width, "block_out_channels": unet.config.channels,
         "center_input_sample": False},
        store,
    )  # fmt: skip


def write_surroundings(out: Path, text: TextEncoder, autoencoder: Autoencoder, tokenizer: Path, native_size: int) -> None:
    """Everything that turns words and pictures into what the denoiser works on, and back."""
    cells, width = native_size // LATENT_CELL, text.config.width
    export_graph(
        out / "text_encoder", ExportedTextEncoder(text), (torch.zeros(2, CONTEXT, dtype=torch.long),),
        {"input_ids": {0: "batch"}}, {"last_hidden_state": {0: "batch"}, "pooler_output": {0: "batch"}},
        {"_class_name": "CLIPTextModel", "hidden_size": width, "num_hidden_layers": text.config.layers,
         "num_attention_heads": text.config.heads, "max_position_embeddings": CONTEXT,
         "vocab_size": text.config.vocabulary, "hidden_act": "quick_gelu"},
    )  # fmt: skip
    picture = {0: "batch", 2: "height", 3: "width"}
    vae = {
        "_class_name": "AutoencoderKL", "in_channels": 3, "out_channels": 3, "latent_channels": 4, "sample_size": native_size,
        "scaling_factor": SCALING_FACTOR, "block_out_channels": [64, 64, 64, 128],
    }  # fmt: skip
    size = LATENT_CELL * cells
    export_graph(
        out / "vae_encoder",
        ExportedEncoder(autoencoder),
        (torch.zeros(2, 3, size, size),),
        {"sample": picture},
        {"latent_parameters": picture},
        vae,
    )
    export_graph(
        out / "vae_decoder",
        ExportedDecoder(autoencoder),
        (torch.zeros(2, 4, cells, cells),),
        {"latent_sample": picture},
        {"sample": picture},
        vae,
    )
    shutil.copytree(tokenizer, out / "tokenizer")


def write_description(
    out: Path, title: str, sizes: dict[str, int], defaults: dict, licence: str | None, lender: str | None = None
) -> None:
    scheduler = SCHEDULERS[defaults["scheduler"]]
    write_json(out / "scheduler" / "scheduler_config.json", scheduler)
    parts = {"scheduler": ["diffusers", scheduler["_class_name"]], "tokenizer": ["transformers", "CLIPTokenizer"]}
    graphs = {name: ["diffusers", "OnnxRuntimeModel"] for name in ("text_encoder", "unet", "vae_decoder", "vae_encoder")}
    index = {"_class_name": "StableDiffusionInpaintPipeline", "_diffusers_version": DIFFUSERS_VERSION}
    write_json(
        out / "model_index.json", index | parts | graphs | {"safety_checker": [None, None], "feature_extractor": [None, None]}
    )
    borrows = {"borrows": {"from": lender, "components": list(LENDABLE)}} if lender else {}
    stated = {"licence": licence} if licence else {}
    write_json(out / "overpaint.json", {"name": title} | stated | sizes | {"defaults": defaults} | borrows)


if __name__ == "__main__":
    main()
