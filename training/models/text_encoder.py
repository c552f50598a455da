"""The text encoder: a small causal transformer shaped like CLIP's (Radford et al. 2021, arXiv:2103.00020)."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

CONTEXT = 77  # tokens, as every Stable Diffusion pack has


@dataclass(frozen=True)
class TextEncoderConfig:
    vocabulary: int
    width: int = 192
    layers: int = 3
    heads: int = 3


class TextBlock(nn.Module):
    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.norm_attention = nn.LayerNorm(width)
        self.query_key_value = nn.Linear(width, 3 * width)
        self.attention_out = nn.Linear(width, width)
        self.norm_mlp = nn.LayerNorm(width)
        self.mlp_in = nn.Linear(width, 4 * width)
        self.mlp_out = nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        # [batch, tokens, 3 · width] → three of [batch, heads, tokens, width / heads]
        query, key, value = (
            self.query_key_value(self.norm_attention(x)).unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        )
        mixed = F.scaled_dot_product_attention(query, key, value, is_causal=True)
        x = x + self.attention_out(mixed.transpose(1, 2).flatten(2))
        hidden = self.mlp_in(self.norm_mlp(x))
        return x + self.mlp_out(hidden * torch.sigmoid(1.702 * hidden))  # CLIP's quick GELU


class TextEncoder(nn.Module):
    def __init__(self, config: TextEncoderConfig):
        super().__init__()
        self.config = config
        self.token = nn.Embedding(config.vocabulary, config.width)
        self.position = nn.Embedding(CONTEXT, config.width)
        self.blocks = nn.ModuleList(TextBlock(config.width, config.heads) for _ in range(config.layers))
        self.norm_out = nn.LayerNorm(config.width)
        nn.init.normal_(self.token.weight, std=0.02)
        nn.init.normal_(self.position.weight, std=0.01)

    def forward(self, tokens: Tensor) -> Tensor:
        """int64 [batch, 77] → [batch, 77, width]"""
        x = self.token(tokens) + self.position.weight[: tokens.shape[1]]
        for block in self.blocks:
            x = block(x)
        return self.norm_out(x)
