"""Colours: drawing them, naming them."""

import torch
from torch import Tensor

from training.scenes.dice import Dice

# sRGB 0..1. Names as people type them.
NAMED = {
    "white": (1.0, 1.0, 1.0), "black": (0.05, 0.05, 0.06), "gray": (0.55, 0.55, 0.57), "red": (0.88, 0.15, 0.17),
    "orange": (0.98, 0.56, 0.15), "yellow": (0.99, 0.87, 0.25), "green": (0.25, 0.7, 0.33), "teal": (0.15, 0.65, 0.63),
    "blue": (0.2, 0.42, 0.9), "navy": (0.08, 0.13, 0.33), "purple": (0.53, 0.3, 0.8), "pink": (0.97, 0.6, 0.75),
    "brown": (0.48, 0.3, 0.2), "beige": (0.95, 0.9, 0.8),
}  # fmt: skip


def draw_colours(dice: Dice, count: int) -> Tensor:
    """[count, 3] in 0..1: white, pastels, vivid and dark colours in the shares design files have."""
    hue = dice.uniform(count, 1)
    kind = dice.choose(count, [0.12, 0.38, 0.32, 0.18])[:, None]
    fraction = dice.uniform(count, 1)
    saturation = torch.where(
        kind == 1, 0.1 + 0.3 * fraction, torch.where(kind == 2, 0.5 + 0.45 * fraction, 0.15 + 0.6 * fraction)
    )
    saturation = torch.where(kind == 0, torch.zeros_like(saturation), saturation)
    bright = dice.uniform(count, 1)
    value = torch.where(kind == 3, 0.1 + 0.3 * bright, torch.where(kind == 2, 0.65 + 0.35 * bright, 0.88 + 0.12 * bright))
    value = torch.where(kind == 0, 0.97 + 0.03 * bright, value)
    return hsv_to_rgb(hue, saturation, value)


def hsv_to_rgb(hue: Tensor, saturation: Tensor, value: Tensor) -> Tensor:
    """Each [count, 1] in 0..1 → [count, 3]."""
    offsets = torch.tensor([5.0, 3.0, 1.0], device=hue.device)
    k = (offsets + hue * 6) % 6
    return value - value * saturation * torch.minimum(k, 4 - k).clamp(0, 1)


def name_colours(colours: Tensor) -> list[str]:
    names = list(NAMED)
    table = torch.tensor(list(NAMED.values()), device=colours.device)
    return [names[i] for i in torch.cdist(colours, table).argmin(dim=1).tolist()]
