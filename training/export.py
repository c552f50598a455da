"""python -m training.export: writes a pack in the diffusers ONNX layout from a run's checkpoints, or from a diffusers folder.

Weights are stored as fp16 and widened by Cast nodes, which a session folds when it is made: half the download, fp32
arithmetic on CPU. Names in the graphs are the networks' own, so `training.import_pack` can read them back.
"""

import argparse
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from training.checkpoint import load_checkpoint
from training.diffusion.noise_schedule import NoiseSchedule
from training.models.autoencoder import NIL_LOG_VARIANCE, SCALING_FACTOR, Autoencoder, autoencoder_from_weights
from training.models.text_encoder import CONTEXT, TextEncoder, TextEncoderConfig
from training.models.unet import UNet
from training.run_folder import add_run_arguments, run_folder
from training.train_denoiser import network_config
from training.train_upscaler import RESIDUAL_DEVIATION, SCALE, enlarge

OPSET = 17
# Below this many numbers the two bytes saved are not worth the Cast node.
SMALLEST_HALVED = 1024
SCHEDULER = {
    "_class_name": "DPMSolverMultistepScheduler", "num_train_timesteps": 1000, "beta_start": 0.00085, "beta_end": 0.012,
    "beta_schedule": "scaled_linear", "prediction_type": "v_prediction", "algorithm_type": "dpmsolver++", "solver_order": 2,
    "solver_type": "midpoint", "lower_order_final": True, "timestep_spacing": "trailing", "steps_offset": 1, "thresholding": False,
}  # fmt: skip
UPSCALE_SCHEDULER = {
    "_class_name": "DDIMScheduler", "num_train_timesteps": 1000, "beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear",
    "prediction_type": "v_prediction", "timestep_spacing": "trailing", "rescale_betas_zero_snr": True, "clip_sample": False,
    "set_alpha_to_one": True,
}  # fmt: skip
LOW_RES_SCHEDULER = {
    "_class_name": "DDPMScheduler", "num_train_timesteps": 1000, "beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear",
    "rescale_betas_zero_snr": True,
}  # fmt: skip
LICENCE = "Apache-2.0 AND CC-BY-4.0 AND MIT"
DIFFUSERS_VERSION = "0.42.1"


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


class ExportedUpscaler(nn.Module):
    """Denoises the folded picture where the network denoises its difference d to the enlarged small picture b.

    With L = d + b: L_t = signal L + noise ε = d_t + signal b, and v_L = signal ε − noise L = v_d − noise b.
    """

    def __init__(self, unet: UNet):
        super().__init__()
        self.unet = unet
        schedule = NoiseSchedule(ends_in_noise=True)
        self.register_buffer("signal", schedule.signal)
        self.register_buffer("noise", schedule.noise)

    def forward(self, sample: Tensor, timestep: Tensor, encoder_hidden_states: Tensor, class_labels: Tensor) -> Tensor:
        noisy, small = sample[:, : self.unet.config.out_channels], sample[:, self.unet.config.out_channels :]
        known = F.pixel_unshuffle(enlarge(small), SCALE) / RESIDUAL_DEVIATION
        signal, noise = self.signal[timestep].view(-1, 1, 1, 1), self.noise[timestep].view(-1, 1, 1, 1)
        velocity = self.unet(torch.cat([noisy - signal * known, small], dim=1), timestep, encoder_hidden_states, class_labels)
        return velocity - noise * known


class UnfoldedPicture(nn.Module):
    """The upscaler's decoder: cells of 48 numbers back to 4 × 4 pixels."""

    def forward(self, latent_sample: Tensor) -> Tensor:
        return F.pixel_shuffle(latent_sample * RESIDUAL_DEVIATION, SCALE).clamp(-1, 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_run_arguments(parser)
    parser.add_argument("--out", required=True, help="the pack's folder; replaced")
    parser.add_argument("--title", default="Starter")
    parser.add_argument("--denoiser", default="denoiser", help="the checkpoint's name in the run folder")
    parser.add_argument("--autoencoder", default="autoencoder")
    parser.add_argument("--native-size", type=int, default=128)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--guidance", type=float, default=2.5)
    parser.add_argument("--sampler", default="dpmpp-2m", help="the recommended scheduler; ddim for a distilled denoiser")
    parser.add_argument("--upscaler", default=None, help="export this upscaler checkpoint instead of a denoiser")
    parser.add_argument("--diffusers", default=None, help="export this diffusers Stable Diffusion folder instead of a run")
    arguments = parser.parse_args()
    out = Path(arguments.out)
    shutil.rmtree(out, ignore_errors=True)
    if arguments.diffusers:
        from training.export_diffusers import export_diffusers  # needs diffusers; a run's own packs do not

        export_diffusers(Path(arguments.diffusers), out, arguments.title)
    elif arguments.upscaler:
        export_upscaler(run_folder(arguments), out, arguments)
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
    write_pack(out, unet.eval(), text.eval(), autoencoder.eval(), folder / "tokenizer", arguments.title, arguments.native_size,
               {"scheduler": arguments.sampler, "steps": arguments.steps, "guidanceScale": arguments.guidance})  # fmt: skip
    if (folder / "ATTRIBUTION.md").exists():
        shutil.copy(folder / "ATTRIBUTION.md", out)


def export_upscaler(folder: Path, out: Path, arguments: argparse.Namespace) -> None:
    state = load_checkpoint(folder / f"{arguments.upscaler}.pt")
    unet = UNet(network_config(state["config"]))
    unet.load_state_dict(state["average"]["weights"])
    config, cells = unet.config, 32
    grid = {0: "batch", 2: "height", 3: "width"}
    example = (
        torch.zeros(2, config.in_channels, cells, cells),
        torch.tensor([500]),
        torch.zeros(2, 1, config.text_width),
        torch.zeros(2, dtype=torch.long),
    )
    export_graph(
        out / "unet", ExportedUpscaler(unet), example,
        {"sample": grid, "timestep": {0: "steps"}, "encoder_hidden_states": {0: "batch", 1: "sequence"}, "class_labels": {0: "batch"}},
        {"out_sample": grid},
        {"_class_name": "UNet2DConditionModel", "in_channels": config.in_channels, "out_channels": config.out_channels, "sample_size": cells,
         "cross_attention_dim": config.text_width, "num_class_embeds": config.noise_levels, "center_input_sample": False},
    )  # fmt: skip
    vae = {"_class_name": "AutoencoderKL", "in_channels": 3, "out_channels": 3, "latent_channels": config.out_channels, "scaling_factor": 1.0,
           "block_out_channels": [48, 48, 48], "sample_size": SCALE * cells}  # fmt: skip
    export_graph(
        out / "vae_decoder",
        UnfoldedPicture(),
        (torch.zeros(2, 48, cells, cells),),
        {"latent_sample": grid},
        {"sample": grid},
        vae,
    )
    write_json(out / "scheduler" / "scheduler_config.json", UPSCALE_SCHEDULER)
    write_json(out / "low_res_scheduler" / "scheduler_config.json", LOW_RES_SCHEDULER)
    parts = {"scheduler": ["diffusers", "DDIMScheduler"], "low_res_scheduler": ["diffusers", "DDPMScheduler"]}
    graphs = {name: ["diffusers", "OnnxRuntimeModel"] for name in ("unet", "vae_decoder")}
    index = {"_class_name": "StableDiffusionUpscalePipeline", "_diffusers_version": DIFFUSERS_VERSION}
    write_json(out / "model_index.json", index | parts | graphs | {"text_encoder": [None, None], "tokenizer": [None, None]})
    defaults = {"scheduler": "ddim", "steps": 8, "guidanceScale": 1}
    write_json(
        out / "overpaint.json",
        {"name": f"{arguments.title} Upscale", "licence": LICENCE, "nativeSize": SCALE * cells, "defaults": defaults},
    )
    if (folder / "ATTRIBUTION.md").exists():
        shutil.copy(folder / "ATTRIBUTION.md", out)


def write_pack(
    out: Path,
    unet: UNet,
    text: TextEncoder,
    autoencoder: Autoencoder,
    tokenizer: Path,
    title: str,
    native_size: int,
    defaults: dict,
) -> None:
    cells, width = native_size // 8, text.config.width
    export_graph(
        out / "text_encoder", ExportedTextEncoder(text), (torch.zeros(2, CONTEXT, dtype=torch.long),), {"input_ids": {0: "batch"}},
        {"last_hidden_state": {0: "batch"}, "pooler_output": {0: "batch"}},
        {"_class_name": "CLIPTextModel", "hidden_size": width, "num_hidden_layers": text.config.layers, "num_attention_heads": text.config.heads,
         "max_position_embeddings": CONTEXT, "vocab_size": text.config.vocabulary, "hidden_act": "quick_gelu"},
    )  # fmt: skip
    picture = {0: "batch", 2: "height", 3: "width"}
    export_graph(
        out / "unet", unet, (torch.zeros(2, unet.config.in_channels, cells, cells), torch.tensor([500]), torch.zeros(2, CONTEXT, width)),
        {"sample": picture, "timestep": {0: "steps"}, "encoder_hidden_states": {0: "batch"}}, {"out_sample": picture},
        {"_class_name": "UNet2DConditionModel", "in_channels": unet.config.in_channels, "out_channels": unet.config.out_channels,
         "sample_size": cells, "cross_attention_dim": width, "center_input_sample": False},
    )  # fmt: skip
    vae = {
        "_class_name": "AutoencoderKL", "in_channels": 3, "out_channels": 3, "latent_channels": 4, "sample_size": native_size,
        "scaling_factor": SCALING_FACTOR, "block_out_channels": [64, 64, 64, 128],
    }  # fmt: skip
    size = 8 * cells
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
    write_json(out / "scheduler" / "scheduler_config.json", SCHEDULER)
    parts = {"scheduler": ["diffusers", SCHEDULER["_class_name"]], "tokenizer": ["transformers", "CLIPTokenizer"]}
    graphs = {name: ["diffusers", "OnnxRuntimeModel"] for name in ("text_encoder", "unet", "vae_decoder", "vae_encoder")}
    index = {"_class_name": "StableDiffusionInpaintPipeline", "_diffusers_version": DIFFUSERS_VERSION}
    write_json(
        out / "model_index.json", index | parts | graphs | {"safety_checker": [None, None], "feature_extractor": [None, None]}
    )
    write_json(out / "overpaint.json", {"name": title, "licence": LICENCE, "nativeSize": native_size, "defaults": defaults})


def export_graph(
    folder: Path, network: nn.Module, example: Sequence[Tensor], inputs: dict, outputs: dict, config: dict
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "model.onnx"
    network.eval()
    # Attention is written out in elementary operators: the fused kernel has no ONNX form every runtime knows.
    torch.onnx.export(
        network, tuple(example), str(path), input_names=list(inputs), output_names=list(outputs), dynamic_axes=inputs | outputs,
        opset_version=OPSET, do_constant_folding=False, dynamo=False,
    )  # fmt: skip
    store_as_half(path)
    write_json(folder / "config.json", config)


def store_as_half(path: Path) -> None:
    """Rewrites a graph's fp32 weights as fp16 with a Cast back to fp32 in front of their readers."""
    model = onnx.load(str(path))
    graph, casts = model.graph, []
    for initializer in graph.initializer:
        values = numpy_helper.to_array(initializer)
        if initializer.data_type != TensorProto.FLOAT or values.size < SMALLEST_HALVED:
            continue
        name = initializer.name
        initializer.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}_h"))
        casts.append(helper.make_node("Cast", [f"{name}_h"], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))


def write_json(path: Path, value: dict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2) + "\n")


if __name__ == "__main__":
    main()
