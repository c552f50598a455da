"""Parts shared by the networks."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class ChannelNorm(nn.Module):
    """Layer normalisation over the channels of each pixel, with a gain and no bias. [batch, channels, h, w]."""

    def __init__(self, channels: int):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        normed = F.layer_norm(x.permute(0, 2, 3, 1), self.gain.shape).permute(0, 3, 1, 2)
        return normed * self.gain[:, None, None]


class TokenNorm(nn.Module):
    """Layer normalisation with a gain and no bias over the last dimension."""

    def __init__(self, width: int):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        return F.layer_norm(x, self.gain.shape) * self.gain


def timestep_embedding(t: Tensor, width: int) -> Tensor:
    """Sinusoids of geometrically spaced frequencies (Vaswani et al. 2017, arXiv:1706.03762). [batch] → [batch, width]."""
    half = width // 2
    frequencies = torch.exp(-torch.arange(half, device=t.device, dtype=torch.float32) * (9.210340371976184 / half))  # ln 10000
    angles = t.float()[:, None] * frequencies
    return torch.cat([angles.cos(), angles.sin()], dim=1)


def attend(query: Tensor, key: Tensor, value: Tensor, training: bool) -> Tensor:
    """softmax(Q Kᵀ / √d) V over [batch, heads, tokens, head_width]."""
    if query.device.type == "cpu" and training:
        # Of so few tokens the fused kernel's backward pass takes three times as long as the products written out.
        weights = (query * query.shape[-1] ** -0.5) @ key.transpose(-2, -1)
        return weights.softmax(dim=-1).to(value.dtype) @ value
    return F.scaled_dot_product_attention(query, key, value)


class Attention(nn.Module):
    """Multi-head attention from `x` to `context`; queries and keys layer-normed (Dehghani et al. 2023, arXiv:2302.05442)."""

    def __init__(self, width: int, context_width: int, head_width: int):
        super().__init__()
        self.head_width = head_width
        self.query = nn.Linear(width, width, bias=False)
        self.key = nn.Linear(context_width, width, bias=False)
        self.value = nn.Linear(context_width, width, bias=False)
        self.query_norm = TokenNorm(head_width)
        self.key_norm = TokenNorm(head_width)
        self.out = nn.Linear(width, width)

    def forward(self, x: Tensor, context: Tensor) -> Tensor:
        # [batch, tokens, width] → [batch, tokens, heads, head_width]
        query = self.query_norm(self.query(x).unflatten(2, (-1, self.head_width)))
        key = self.key_norm(self.key(context).unflatten(2, (-1, self.head_width)))
        value = self.value(context).unflatten(2, (-1, self.head_width))
        mixed = attend(query.transpose(1, 2), key.transpose(1, 2), value.transpose(1, 2), self.training)
        return self.out(mixed.transpose(1, 2).flatten(2))
