"""The denoiser: a U-Net (Ronneberger et al. 2015, arXiv:1505.04597) conditioned on time and text.

Three resolutions. Going down, each halves the picture and widens the features; going up, each doubles it again and adds what
the same level knew on the way down. Text enters by cross-attention where the picture is small, and, summed up in its last
token, beside the time.
"""

from dataclasses import dataclass, replace

import torch.nn.functional as F
from torch import Tensor, nn

from training.models.layers import Attention, ChannelNorm, TokenNorm, timestep_embedding

TIME_FEATURES = 128


@dataclass(frozen=True)
class UNetConfig:
    in_channels: int = 9  # 4 noisy latents, 1 mask, 4 latents of the masked picture
    out_channels: int = 4
    channels: tuple[int, int, int] = (64, 160, 256)
    blocks: tuple[int, int, int] = (1, 2, 2)  # residual blocks a level, down and up again, where the first level has one more
    middle_transformers: int = 2
    head_widths: tuple[int, int] = (32, 64)  # must divide the second and the third of `channels`
    text_width: int = 192
    time_width: int = 384


def network_config(stored: dict) -> UNetConfig:
    """Of a checkpoint."""
    sizes = {name: tuple(size) if isinstance(size, list) else size for name, size in stored.items()}
    return replace(UNetConfig(), **sizes)


class ResidualBlock(nn.Module):
    """x + conv(conv(x)), the second normalisation scaled and shifted by the time and text summary (Perez et al. 2017, FiLM)."""

    def __init__(self, channels: int, time_width: int):
        super().__init__()
        self.channels = channels
        self.norm_in = ChannelNorm(channels)
        self.conv_in = nn.Conv2d(channels, channels, 3, padding=1)
        self.condition = nn.Linear(time_width, 2 * channels)
        self.conv_out = nn.Conv2d(channels, channels, 3, padding=1)
        nn.init.zeros_(self.conv_out.weight)  # every block starts as the identity
        nn.init.zeros_(self.conv_out.bias)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        hidden = self.conv_in(F.silu(self.norm_in(x)))
        scale, shift = self.condition(condition)[:, :, None, None].chunk(2, dim=1)
        hidden = F.layer_norm(hidden.permute(0, 2, 3, 1), (self.channels,)).permute(0, 3, 1, 2)
        return x + self.conv_out(F.silu(hidden * (1 + scale) + shift))


class TransformerBlock(nn.Module):
    """Each pixel looks at every other pixel, then at every word, then thinks for itself."""

    def __init__(self, channels: int, text_width: int, head_width: int):
        super().__init__()
        self.norm_self = TokenNorm(channels)
        self.attend_self = Attention(channels, channels, head_width)
        self.norm_text = TokenNorm(channels)
        self.attend_text = Attention(channels, text_width, head_width)
        self.norm_mlp = TokenNorm(channels)
        self.mlp_in = nn.Linear(channels, 4 * channels)
        self.mlp_out = nn.Linear(4 * channels, channels)
        for layer in (self.attend_self.out, self.attend_text.out, self.mlp_out):
            nn.init.zeros_(layer.weight)

    def forward(self, x: Tensor, text: Tensor) -> Tensor:
        batch, channels, height, width = x.shape
        tokens = x.permute(0, 2, 3, 1).reshape(batch, height * width, channels)
        normed = self.norm_self(tokens)
        tokens = tokens + self.attend_self(normed, normed)
        tokens = tokens + self.attend_text(self.norm_text(tokens), text)
        tokens = tokens + self.mlp_out(F.gelu(self.mlp_in(self.norm_mlp(tokens)), approximate="tanh"))
        return tokens.reshape(batch, height, width, channels).permute(0, 3, 1, 2)


class UNet(nn.Module):
    def __init__(self, config: UNetConfig = UNetConfig()):
        super().__init__()
        self.config = config
        first, second, third = config.channels
        time_width, text_width = config.time_width, config.text_width

        def residuals(channels: int, count: int) -> nn.ModuleList:
            return nn.ModuleList(ResidualBlock(channels, time_width) for _ in range(count))

        self.time_in = nn.Linear(TIME_FEATURES, time_width)
        self.time_out = nn.Linear(time_width, time_width)
        self.text_summary = nn.Linear(text_width, time_width)

        self.conv_in = nn.Conv2d(config.in_channels, first, 3, padding=1)
        self.down1 = residuals(first, config.blocks[0])
        self.shrink1 = nn.Conv2d(first, second, 2, stride=2)
        self.down2 = residuals(second, config.blocks[1])
        self.down2_text = TransformerBlock(second, text_width, config.head_widths[0])
        self.shrink2 = nn.Conv2d(second, third, 2, stride=2)
        self.down3 = residuals(third, config.blocks[2])

        self.middle = nn.ModuleList(
            TransformerBlock(third, text_width, config.head_widths[1]) for _ in range(config.middle_transformers)
        )

        self.up3 = residuals(third, config.blocks[2])
        self.up3_text = TransformerBlock(third, text_width, config.head_widths[1])
        self.grow2 = nn.Conv2d(third, 4 * second, 1)
        self.skip2 = nn.Conv2d(second, second, 1)
        self.up2 = residuals(second, config.blocks[1])
        self.up2_text = TransformerBlock(second, text_width, config.head_widths[0])
        self.grow1 = nn.Conv2d(second, 4 * first, 1)
        self.skip1 = nn.Conv2d(first, first, 1)
        self.up1 = residuals(first, config.blocks[0] + 1)
        self.norm_out = ChannelNorm(first)
        self.conv_out = nn.Conv2d(first, config.out_channels, 3, padding=1)

    def forward(self, sample: Tensor, timestep: Tensor, text: Tensor) -> Tensor:
        """→ [batch, 4, h, w]

        sample [batch, 9, h, w], h and w multiples of 4; timestep [batch] or [1]; text [batch, 77, width].
        """
        time = timestep_embedding(timestep.expand(sample.shape[0]), TIME_FEATURES).to(self.time_in.weight.dtype)
        condition = F.silu(self.time_out(F.silu(self.time_in(time))) + self.text_summary(text[:, -1]))  # [batch, time_width]

        x = self.conv_in(sample)  # [batch, first, h, w]
        for block in self.down1:
            x = block(x, condition)
        skip1 = x
        x = self.shrink1(x)  # [batch, second, h/2, w/2]
        for block in self.down2:
            x = block(x, condition)
        x = self.down2_text(x, text)
        skip2 = x
        x = self.shrink2(x)  # [batch, third, h/4, w/4]
        for block in self.down3:
            x = block(x, condition)

        for block in self.middle:
            x = block(x, text)

        for block in self.up3:
            x = block(x, condition)
        x = self.up3_text(x, text)
        x = F.pixel_shuffle(self.grow2(x), 2) + self.skip2(skip2)  # [batch, second, h/2, w/2]
        for block in self.up2:
            x = block(x, condition)
        x = self.up2_text(x, text)
        x = F.pixel_shuffle(self.grow1(x), 2) + self.skip1(skip1)  # [batch, first, h, w]
        for block in self.up1:
            x = block(x, condition)
        return self.conv_out(F.silu(self.norm_out(x)))
