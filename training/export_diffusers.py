"""Exports a diffusers Stable Diffusion folder (text to image, or 9-channel inpainting) into a pack.

The same graphs, names and shapes as diffusers' own conversion script, so any reader of that layout can use the result.
"""

import json
import shutil
from pathlib import Path

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from torch import Tensor, nn
from transformers import CLIPTextModel

from training.pack_writing import export_graph, write_json

# Parts that are configuration or vocabulary, copied as they are.
COPIED = ("scheduler", "tokenizer")


class TextStates(nn.Module):
    def __init__(self, encoder: CLIPTextModel):
        super().__init__()
        self.encoder = encoder

    def forward(self, input_ids: Tensor) -> tuple[Tensor, Tensor]:
        output = self.encoder(input_ids)
        return output.last_hidden_state, output.pooler_output


class ExportedDenoiser(nn.Module):
    def __init__(self, unet: UNet2DConditionModel):
        super().__init__()
        self.unet = unet

    def forward(self, sample: Tensor, timestep: Tensor, encoder_hidden_states: Tensor) -> Tensor:
        return self.unet(sample, timestep, encoder_hidden_states, return_dict=False)[0]


class PictureToLatents(nn.Module):
    """Mean and log-variance: which of them is drawn from is the pipeline's choice."""

    def __init__(self, vae: AutoencoderKL):
        super().__init__()
        self.vae = vae

    def forward(self, sample: Tensor) -> Tensor:
        return self.vae.encode(sample).latent_dist.parameters


class LatentsToPicture(nn.Module):
    def __init__(self, vae: AutoencoderKL):
        super().__init__()
        self.vae = vae

    def forward(self, latent_sample: Tensor) -> Tensor:
        return self.vae.decode(latent_sample, return_dict=False)[0]


def export_diffusers(folder: Path, out: Path, title: str) -> None:
    index = json.loads((folder / "model_index.json").read_text())
    text = CLIPTextModel.from_pretrained(folder / "text_encoder", attn_implementation="eager")
    unet = UNet2DConditionModel.from_pretrained(folder / "unet")
    vae = AutoencoderKL.from_pretrained(folder / "vae")
    tokens, cells, width = text.config.max_position_embeddings, unet.config.sample_size, unet.config.cross_attention_dim
    picture = {0: "batch", 2: "height", 3: "width"}
    size = cells * 2 ** (len(vae.config.block_out_channels) - 1)
    vae_config = json.loads((folder / "vae" / "config.json").read_text())

    export_graph(
        out / "text_encoder",
        TextStates(text),
        (torch.zeros(2, tokens, dtype=torch.long),),
        {"input_ids": {0: "batch"}},
        {"last_hidden_state": {0: "batch"}, "pooler_output": {0: "batch"}},
        json.loads((folder / "text_encoder" / "config.json").read_text()),
    )
    export_graph(
        out / "unet",
        ExportedDenoiser(unet),
        (torch.zeros(2, unet.config.in_channels, cells, cells), torch.tensor([500]), torch.zeros(2, tokens, width)),
        {"sample": picture, "timestep": {0: "steps"}, "encoder_hidden_states": {0: "batch"}},
        {"out_sample": picture},
        json.loads((folder / "unet" / "config.json").read_text()),
    )
    export_graph(
        out / "vae_encoder",
        PictureToLatents(vae),
        (torch.zeros(1, vae.config.in_channels, size, size),),
        {"sample": picture},
        {"latent_parameters": picture},
        vae_config,
    )
    export_graph(
        out / "vae_decoder",
        LatentsToPicture(vae),
        (torch.zeros(1, vae.config.latent_channels, cells, cells),),
        {"latent_sample": picture},
        {"sample": picture},
        vae_config,
    )
    for part in COPIED:
        shutil.copytree(folder / part, out / part)
    graphs = {name: ["diffusers", "OnnxRuntimeModel"] for name in ("text_encoder", "unet", "vae_decoder", "vae_encoder")}
    kept = {key: value for key, value in index.items() if key.startswith("_") or key in COPIED}
    write_json(out / "model_index.json", kept | graphs | {"safety_checker": [None, None], "feature_extractor": [None, None]})
    write_json(out / "overpaint.json", {"name": title, "nativeSize": size})
