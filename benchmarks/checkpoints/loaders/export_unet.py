"""Exports the denoiser of a single-file checkpoint with torch.onnx, as anyone would.

    python export_unet.py FILE CONFIG_FOLDER TARGET.onnx
"""

import sys

import torch
from diffusers import UNet2DConditionModel


class Denoiser(torch.nn.Module):
    """The same call with tensors alone."""

    def __init__(self, unet):
        super().__init__()
        self.unet = unet

    def forward(self, sample, timestep, encoder_hidden_states):
        return self.unet(sample, timestep, encoder_hidden_states, return_dict=False)[0]


@torch.inference_mode()
def main(file: str, configs: str, target: str) -> None:
    unet = UNet2DConditionModel.from_single_file(
        file, config=configs, subfolder="unet", local_files_only=True, torch_dtype=torch.float32,
    )
    example = (torch.randn(2, 4, 64, 64), torch.tensor([501.0]), torch.randn(2, 77, unet.config.cross_attention_dim))
    torch.onnx.export(
        Denoiser(unet.eval()), example, target, opset_version=18, external_data=True, dynamo=False,
        input_names=["sample", "timestep", "encoder_hidden_states"], output_names=["out_sample"],
        dynamic_axes={"sample": {0: "batch", 2: "height", 3: "width"}, "encoder_hidden_states": {0: "batch", 1: "tokens"}},
    )


main(*sys.argv[1:])
