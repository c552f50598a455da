"""Sizes of the networks."""

from training.models.unet import UNetConfig
from training.models.upscaler import UpscalerConfig

DENOISERS = {
    # 12.8 M weights, 45 ms for a guided step at 256 px on two CPU cores. What two hours of CPU can teach something.
    "small": UNetConfig(),
    # 10.8 M weights and 1.7 times the arithmetic, most of it where the picture is large: for native 256 px, trained on a GPU.
    "large": UNetConfig(channels=(128, 160, 256), blocks=(2, 2, 1), middle_transformers=1),
}
TINY_TEXT_WIDTH = 32
TINY_DENOISER = UNetConfig(
    channels=(16, 32, 32),
    blocks=(1, 1, 1),
    middle_transformers=1,
    head_widths=(16, 16),
    text_width=TINY_TEXT_WIDTH,
    time_width=32,
)
UPSCALER = UpscalerConfig()
TINY_UPSCALER = UpscalerConfig(channels=(16, 32), blocks=(1, 1, 1), condition_width=32)
