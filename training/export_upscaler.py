"""Writes an upscaling pack in the layout of diffusers' upscale pipeline, less the text encoder: it takes no prompt."""

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.checkpoint import load_checkpoint
from training.diffusion.noise_schedule import TRAIN_TIMESTEPS, NoiseSchedule
from training.models.upscaler import Upscaler, UpscalerConfig
from training.pack_writing import DIFFUSERS_VERSION, SCHEDULE, credit_sources, export_graph, write_json
from training.scenes.reduce import enlarge_folded, enlargement
from training.train_upscaler import GRAIN_LAST_BETA, NOISE_LEVELS, RESIDUAL_DEVIATION, SCALE

SCHEDULER = {
    "_class_name": "DDIMScheduler", **SCHEDULE, "rescale_betas_zero_snr": True, "clip_sample": False, "set_alpha_to_one": True,
}  # fmt: skip
LOW_RES_SCHEDULER = {
    "_class_name": "DDPMScheduler", "num_train_timesteps": TRAIN_TIMESTEPS, "beta_start": 0.0, "beta_end": GRAIN_LAST_BETA,
    "beta_schedule": "linear",
}  # fmt: skip
# Side of a tile, in pixels of the small picture: large enough that little is drawn twice.
TILE = 256
# Side of the example that graphs are traced with, in cells.
EXAMPLE_SIDE = 32


class ExportedUpscaler(nn.Module):
    """Denoises the folded picture where the network denoises its difference d to the enlarged small picture b.

    With L = d + b: L_t = signal L + noise ε = d_t + signal b, and v_L = signal ε − noise L = v_d − noise b.
    """

    def __init__(self, upscaler: Upscaler):
        super().__init__()
        self.upscaler = upscaler
        schedule = NoiseSchedule(ends_in_noise=True)
        self.register_buffer("signal", schedule.signal)
        self.register_buffer("noise", schedule.noise)
        self.register_buffer("enlargement", enlargement(SCALE))

    def forward(self, sample: Tensor, timestep: Tensor, class_labels: Tensor) -> Tensor:
        channels = self.upscaler.config.cell_channels
        noisy, small = sample[:, :channels], sample[:, channels:]
        known = enlarge_folded(small, self.enlargement) / RESIDUAL_DEVIATION
        signal, noise = self.signal[timestep].view(-1, 1, 1, 1), self.noise[timestep].view(-1, 1, 1, 1)
        correction = self.upscaler(signal * (noisy - signal * known), small, timestep, class_labels)
        return -correction - noise * known


class UnfoldedPicture(nn.Module):
    """The decoder: cells of 48 numbers back to 4 × 4 pixels."""

    def forward(self, latent_sample: Tensor) -> Tensor:
        return F.pixel_shuffle(latent_sample, SCALE).clamp(-1, 1)


def export_upscaler(folder: Path, checkpoint: str, out: Path, title: str, steps: int) -> None:
    state = load_checkpoint(folder / f"{checkpoint}.pt")
    upscaler = Upscaler(UpscalerConfig(**state["config"]))
    upscaler.load_state_dict(state["average"]["weights"])
    out.mkdir(parents=True, exist_ok=True)
    write_upscaler_pack(out, upscaler, title, steps, credit_sources(folder, out))


def write_upscaler_pack(out: Path, upscaler: Upscaler, title: str, steps: int, licence: str | None) -> None:
    channels, side = upscaler.config.cell_channels, EXAMPLE_SIDE
    grid = {0: "batch", 2: "height", 3: "width"}
    export_graph(
        out / "unet",
        ExportedUpscaler(upscaler),
        (torch.zeros(2, channels + 3, side, side), torch.tensor([500]), torch.zeros(2, dtype=torch.long)),
        {"sample": grid, "timestep": {0: "steps"}, "class_labels": {0: "batch"}},
        {"out_sample": grid},
        {"_class_name": "UNet2DConditionModel", "in_channels": channels + 3, "out_channels": channels, "sample_size": TILE,
         "block_out_channels": upscaler.config.channels, "num_class_embeds": NOISE_LEVELS, "center_input_sample": False},
    )  # fmt: skip
    export_graph(
        out / "vae_decoder",
        UnfoldedPicture(),
        (torch.zeros(2, channels, side, side),),
        {"latent_sample": grid},
        {"sample": grid},
        {"_class_name": "AutoencoderKL", "in_channels": 3, "out_channels": 3, "latent_channels": channels,
         "scaling_factor": 1 / RESIDUAL_DEVIATION, "block_out_channels": [channels] * 3, "sample_size": SCALE * TILE},
    )  # fmt: skip
    write_json(out / "scheduler" / "scheduler_config.json", SCHEDULER)
    write_json(out / "low_res_scheduler" / "scheduler_config.json", LOW_RES_SCHEDULER)
    index = {
        "_class_name": "StableDiffusionUpscalePipeline",
        "_diffusers_version": DIFFUSERS_VERSION,
        "max_noise_level": NOISE_LEVELS - 1,
        "scheduler": ["diffusers", "DDIMScheduler"],
        "low_res_scheduler": ["diffusers", "DDPMScheduler"],
        "unet": ["diffusers", "OnnxRuntimeModel"],
        "vae_decoder": ["diffusers", "OnnxRuntimeModel"],
        "text_encoder": [None, None],
        "tokenizer": [None, None],
    }
    write_json(out / "model_index.json", index)
    # Without attention, memory grows with the cells alone. Measured: six pictures of the widest level, a little over two of
    # the cells.
    memory = {
        "denoiser": {"perCell": 4 * 6 * upscaler.config.channels[0], "perCellPair": 0},
        "autoencoder": {"perCell": 9 * channels, "perCellPair": 0},
    }
    defaults = {"scheduler": "ddim", "steps": steps, "guidanceScale": 1, "noiseLevel": 0}
    stated = {"licence": licence} if licence else {}
    facts = {"nativeSize": TILE, "defaults": defaults, "memory": memory}
    write_json(out / "overpaint.json", {"name": title} | stated | facts)
