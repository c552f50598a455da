"""The upscaler's denoiser: a U-Net of convolutions alone, whose cells are the small picture's pixels.

No attention and no normalisation over space: what a pixel of the result depends on ends some thirty pixels of the small
picture away, so tiles of a large picture agree where they meet.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.models.layers import timestep_embedding

TIME_FEATURES = 64


@dataclass(frozen=True)
class UpscalerConfig:
    cell_channels: int = 48  # 4 × 4 pixels of three colours
    channels: tuple[int, int] = (64, 128)  # at the small picture's size and at half of it
    blocks: tuple[int, int, int] = (2, 4, 2)  # on the way down, below, on the way up
    condition_width: int = 128


class ScaledBlock(nn.Module):
    """x + conv(conv(x)), scaled and shifted in between by what t and the noise level ask for (Perez et al. 2017, FiLM)."""

    def __init__(self, channels: int, condition_width: int):
        super().__init__()
        self.inner = nn.Conv2d(channels, channels, 3, padding=1)
        self.condition = nn.Linear(condition_width, 2 * channels)
        self.outer = nn.Conv2d(channels, channels, 3, padding=1)
        nn.init.zeros_(self.condition.weight), nn.init.zeros_(self.condition.bias)
        nn.init.zeros_(self.outer.weight), nn.init.zeros_(self.outer.bias)  # every block starts as the identity

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        scale, shift = self.condition(condition)[:, :, None, None].chunk(2, dim=1)
        return x + self.outer(F.relu(self.inner(x) * (1 + scale) + shift))


class Upscaler(nn.Module):
    def __init__(self, config: UpscalerConfig = UpscalerConfig()):
        super().__init__()
        self.config = config
        wide, deep = config.channels

        def blocks(channels: int, count: int) -> nn.ModuleList:
            return nn.ModuleList(ScaledBlock(channels, config.condition_width) for _ in range(count))

        self.time = nn.Linear(TIME_FEATURES, config.condition_width)
        self.level = nn.Linear(TIME_FEATURES, config.condition_width)
        self.conv_in = nn.Conv2d(config.cell_channels + 3, wide, 3, padding=1)
        self.down = blocks(wide, config.blocks[0])
        self.shrink = nn.Conv2d(wide, deep, 2, stride=2)
        self.below = blocks(deep, config.blocks[1])
        self.grow = nn.Conv2d(deep, 4 * wide, 1)
        self.up = blocks(wide, config.blocks[2])
        self.conv_out = nn.Conv2d(wide, config.cell_channels, 3, padding=1)
        nn.init.zeros_(self.conv_out.weight), nn.init.zeros_(self.conv_out.bias)  # no detail, before it has learnt any

    def forward(self, cells: Tensor, small: Tensor, timestep: Tensor, noise_level: Tensor) -> Tensor:
        """→ [batch, 48, h, w]

        cells [batch, 48, h, w], small [batch, 3, h, w], h and w even; timestep and noise_level [batch] or [1].
        """
        time, level = (timestep_embedding(values.expand(cells.shape[0]), TIME_FEATURES) for values in (timestep, noise_level))
        condition = F.relu(self.time(time) + self.level(level))  # [batch, condition_width]
        x = self.conv_in(torch.cat([cells, small], dim=1))  # [batch, wide, h, w]
        for block in self.down:
            x = block(x, condition)
        below = self.shrink(x)  # [batch, deep, h/2, w/2]
        for block in self.below:
            below = block(below, condition)
        x = x + F.pixel_shuffle(self.grow(below), 2)
        for block in self.up:
            x = block(x, condition)
        return self.conv_out(x)
