"""Writes a text-to-image pack of Stable Diffusion 1.5's true size with random weights: what it draws is noise, what it costs is real.

    python benchmarks/overhead/make_pack.py OUT_FOLDER     (torch, diffusers, transformers, onnx; about 4 GB of disk, 14 GB of memory)
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path

import onnx
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel

STARTER = Path(__file__).resolve().parents[2] / "models" / "starter"


class Call(torch.nn.Module):
    def __init__(self, function, *modules):
        super().__init__()
        self.function = function
        self.kept = torch.nn.ModuleList(modules)

    def forward(self, *inputs):
        return self.function(*inputs)


def export(folder: Path, call: Call, inputs: dict, outputs: list[str], axes: dict) -> None:
    """Traces the module; the weights go into one file beside the graph, as Optimum writes them."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        path = Path(scratch) / "model.onnx"
        with torch.no_grad():
            torch.onnx.export(
                call.eval(), tuple(inputs.values()), str(path), input_names=list(inputs), output_names=outputs,
                dynamic_axes=axes, opset_version=17, dynamo=False, do_constant_folding=True,
            )
        onnx.save_model(
            onnx.load(path), folder / "model.onnx", save_as_external_data=True, location="model.onnx_data",
            size_threshold=1024,
        )


def main(out: Path) -> None:
    torch.manual_seed(0)
    picture = {0: "batch", 2: "height", 3: "width"}

    unet = UNet2DConditionModel(sample_size=64, cross_attention_dim=768)
    export(
        out / "unet",
        Call(lambda sample, timestep, states: unet(sample, timestep, states).sample, unet),
        {
            "sample": torch.randn(2, 4, 64, 64),
            "timestep": torch.tensor([1]),
            "encoder_hidden_states": torch.randn(2, 77, 768),
        },
        ["out_sample"],
        {"sample": picture, "encoder_hidden_states": {0: "batch", 1: "sequence"}},
    )
    (out / "unet" / "config.json").write_text(json.dumps(dict(unet.config), default=str))
    del unet

    blocks = dict(
        block_out_channels=(128, 256, 512, 512), layers_per_block=2, latent_channels=4, sample_size=512,
        down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
    )
    vae = AutoencoderKL(**blocks)
    export(
        out / "vae_decoder", Call(lambda latents: vae.decode(latents).sample, vae),
        {"latent_sample": torch.randn(1, 4, 64, 64)}, ["sample"], {"latent_sample": picture},
    )
    (out / "vae_decoder" / "config.json").write_text(json.dumps(dict(vae.config), default=str))

    text = CLIPTextModel(CLIPTextConfig(hidden_size=768, intermediate_size=3072, num_hidden_layers=12,
                                        num_attention_heads=12, vocab_size=49408))
    export(
        out / "text_encoder",
        Call(lambda ids: tuple(text(input_ids=ids, return_dict=True).values())[:2], text),
        {"input_ids": torch.zeros(1, 77, dtype=torch.int64)}, ["last_hidden_state", "pooler_output"],
        {"input_ids": {0: "batch"}},
    )
    (out / "text_encoder" / "config.json").write_text(json.dumps(text.config.to_dict(), default=str))

    shutil.copytree(STARTER / "tokenizer", out / "tokenizer", dirs_exist_ok=True)
    (out / "scheduler").mkdir(exist_ok=True)
    (out / "scheduler" / "scheduler_config.json").write_text(json.dumps({
        "_class_name": "DDIMScheduler", "num_train_timesteps": 1000, "beta_start": 0.00085, "beta_end": 0.012,
        "beta_schedule": "scaled_linear", "clip_sample": False, "set_alpha_to_one": False, "steps_offset": 1,
    }))
    graphs = {name: ["diffusers", "OnnxRuntimeModel"] for name in ("text_encoder", "unet", "vae_decoder")}
    (out / "model_index.json").write_text(json.dumps({
        "_class_name": "StableDiffusionPipeline", "scheduler": ["diffusers", "DDIMScheduler"],
        "tokenizer": ["transformers", "CLIPTokenizer"], **graphs,
    }))


main(Path(sys.argv[1]))
