"""Exports the denoiser of a single-file checkpoint as torch.onnx does when asked for nothing special: graph and weights in a folder.

    python export_denoiser.py FILE CONFIG_FOLDER OUT_FOLDER     (about 12 GB of memory)
"""

import sys
from pathlib import Path

import torch
from diffusers import UNet2DConditionModel


class Denoiser(torch.nn.Module):
    def __init__(self, unet):
        super().__init__()
        self.unet = unet

    def forward(self, sample, timestep, encoder_hidden_states):
        return self.unet(sample, timestep, encoder_hidden_states, return_dict=False)[0]


@torch.no_grad()
def main(file: str, configs: str, out: str) -> None:
    Path(out).mkdir(parents=True, exist_ok=True)
    unet = UNet2DConditionModel.from_single_file(
        file, config=configs, subfolder="unet", local_files_only=True, torch_dtype=torch.float32,
    )
    picture = {0: "batch", 2: "height", 3: "width"}
    torch.onnx.export(
        Denoiser(unet).eval(),
        (torch.randn(2, 4, 64, 64), torch.tensor([1]), torch.randn(2, 77, 768)),
        str(Path(out) / "model.onnx"),
        input_names=["sample", "timestep", "encoder_hidden_states"],
        output_names=["out_sample"],
        dynamic_axes={"sample": picture, "encoder_hidden_states": {0: "batch", 1: "sequence"}},
        opset_version=17,
        dynamo=False,
    )


main(*sys.argv[1:])
