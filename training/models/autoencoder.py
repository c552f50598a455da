"""The autoencoder: 8 × 8 pixels to one latent cell of four numbers, and back.

No learned variance: with a picture this small it collapses or blurs. A little fixed noise on the latents in training does
what the variance is for, and makes the decoder forgive small errors of the denoiser.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

LATENT_CELL = 8  # pixels a side
SCALING_FACTOR = 0.18215  # the packs' convention: the denoiser sees latents × this
# log-variance written out by the encoder: e^−30, so that sampling it returns the mean
NIL_LOG_VARIANCE = -30.0


class PlainBlock(nn.Module):
    def __init__(self, channels: int):
        super().__init__()
        self.conv_in = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv_out = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.conv_out(F.relu(self.conv_in(F.relu(x))))


class Encoder(nn.Module):
    """[batch, 3, H, W] in −1..1 → [batch, 4, H/8, W/8], before `Autoencoder` centres and scales it."""

    def __init__(self, channels: tuple[int, int] = (64, 128), blocks: int = 2):
        super().__init__()
        quarter, eighth = channels
        self.stem = nn.Conv2d(48, quarter, 3, padding=1)
        self.quarter = nn.Sequential(*(PlainBlock(quarter) for _ in range(blocks)))
        self.down = nn.Conv2d(quarter, eighth, 3, stride=2, padding=1)
        self.eighth = nn.Sequential(*(PlainBlock(eighth) for _ in range(blocks)))
        self.out = nn.Conv2d(eighth, 8, 3, padding=1)  # the last four are unused; packs that ship hold them

    def forward(self, picture: Tensor) -> Tensor:
        x = self.quarter(self.stem(F.pixel_unshuffle(picture, 4)))
        return self.out(F.relu(self.eighth(self.down(x))))[:, :4]


class Decoder(nn.Module):
    """[batch, 4, H/8, W/8] → [batch, 3, H, W] in −1..1."""

    def __init__(self, channels: tuple[int, int] = (64, 128), blocks: int = 3, fine_channels: int = 12):
        super().__init__()
        quarter, eighth = channels
        self.stem = nn.Conv2d(4, eighth, 3, padding=1)
        self.eighth = nn.Sequential(*(PlainBlock(eighth) for _ in range(blocks)))
        self.up = nn.Conv2d(eighth, 4 * quarter, 1)
        self.quarter = nn.Sequential(*(PlainBlock(quarter) for _ in range(blocks)))
        self.head = nn.Conv2d(quarter, 48, 3, padding=1)
        self.fine_in = nn.Conv2d(3, fine_channels, 3, padding=1)
        self.fine_out = nn.Conv2d(fine_channels, 3, 3, padding=1)

    def forward(self, latents: Tensor) -> Tensor:
        x = self.eighth(self.stem(latents))
        x = self.quarter(F.pixel_shuffle(self.up(x), 2))
        x = F.pixel_shuffle(self.head(F.relu(x)), 4)
        return x + self.fine_out(F.relu(self.fine_in(x)))


class Autoencoder(nn.Module):
    """Encoder and decoder with latents of mean 0 and deviation 1 a channel between them.

    An exported encoder's answer is divided by the packs' scaling factor, by which pipelines multiply it again.
    """

    def __init__(self, encoder: Encoder | None = None, decoder: Decoder | None = None):
        super().__init__()
        self.encoder = encoder or Encoder()
        self.decoder = decoder or Decoder()
        self.register_buffer("mean", torch.zeros(1, 4, 1, 1))
        self.register_buffer("deviation", torch.ones(1, 4, 1, 1))

    def encode(self, picture: Tensor) -> Tensor:
        """Latents as the denoiser sees them: mean 0, deviation 1."""
        return (self.encoder(picture) - self.mean) / self.deviation

    def decode(self, latents: Tensor) -> Tensor:
        return self.decoder(latents * self.deviation + self.mean)

    @torch.no_grad()
    def measure_latents(self, pictures: Tensor) -> None:
        """Sets mean and deviation from a batch of pictures."""
        raw = self.encoder(pictures)
        self.mean.copy_(raw.mean(dim=(0, 2, 3), keepdim=True))
        self.deviation.copy_(raw.std(dim=(0, 2, 3), keepdim=True))


def autoencoder_from_weights(weights: dict[str, Tensor]) -> Autoencoder:
    """An autoencoder of the size the weights have."""

    def blocks(prefix: str) -> int:
        return len({name.split(".")[2] for name in weights if name.startswith(f"{prefix}.quarter.")})

    channels = tuple(weights[f"encoder.{layer}.weight"].shape[0] for layer in ("stem", "down"))
    fine = weights["decoder.fine_in.weight"].shape[0]
    autoencoder = Autoencoder(Encoder(channels, blocks("encoder")), Decoder(channels, blocks("decoder"), fine))
    autoencoder.load_state_dict(weights)
    return autoencoder
