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
# More of what people call by these names, or by a few others, so that the nearest entry is the right word.
SHADES = (
    ("gray", (0.75, 0.75, 0.76)), ("gray", (0.35, 0.35, 0.37)), ("gray", (0.45, 0.52, 0.56)), ("black", (0.16, 0.15, 0.15)),
    ("light blue", (0.68, 0.85, 0.97)), ("light blue", (0.82, 0.92, 1.0)), ("light blue", (0.5, 0.76, 0.95)),
    ("light blue", (0.78, 0.96, 0.98)), ("blue", (0.1, 0.2, 0.65)), ("blue", (0.3, 0.55, 0.9)), ("blue", (0.2, 0.25, 0.85)),
    ("blue", (0.15, 0.35, 0.6)), ("teal", (0.08, 0.42, 0.42)), ("teal", (0.3, 0.78, 0.76)), ("light green", (0.75, 0.93, 0.72)),
    ("light green", (0.85, 0.96, 0.85)), ("light green", (0.62, 0.88, 0.58)), ("light green", (0.7, 0.95, 0.83)),
    ("light green", (0.82, 0.92, 0.6)), ("green", (0.4, 0.78, 0.25)), ("green", (0.15, 0.5, 0.22)),
    ("green", (0.2, 0.85, 0.45)), ("green", (0.55, 0.8, 0.2)), ("dark green", (0.1, 0.28, 0.14)),
    ("dark green", (0.2, 0.33, 0.16)), ("olive", (0.5, 0.5, 0.15)), ("olive", (0.66, 0.66, 0.2)),
    ("lavender", (0.82, 0.78, 0.97)), ("lavender", (0.91, 0.87, 0.99)), ("purple", (0.35, 0.12, 0.55)),
    ("purple", (0.65, 0.25, 0.85)), ("purple", (0.5, 0.45, 0.85)), ("purple", (0.68, 0.52, 0.92)), ("purple", (0.45, 0.3, 0.5)),
    ("dark purple", (0.22, 0.1, 0.28)), ("magenta", (0.85, 0.15, 0.8)), ("magenta", (0.7, 0.1, 0.5)),
    ("pink", (0.98, 0.82, 0.88)), ("pink", (0.95, 0.4, 0.65)), ("pink", (0.94, 0.25, 0.6)), ("pink", (0.92, 0.7, 0.95)),
    ("pink", (0.98, 0.78, 0.78)), ("pink", (0.9, 0.55, 0.6)), ("red", (0.7, 0.08, 0.12)), ("red", (0.95, 0.3, 0.25)),
    ("dark red", (0.42, 0.06, 0.1)), ("orange", (0.9, 0.42, 0.1)), ("orange", (0.98, 0.68, 0.35)),
    ("yellow", (0.87, 0.76, 0.15)), ("yellow", (0.98, 0.8, 0.1)), ("light yellow", (0.99, 0.97, 0.72)),
    ("brown", (0.62, 0.38, 0.2)), ("brown", (0.33, 0.17, 0.1)), ("brown", (0.42, 0.36, 0.3)), ("tan", (0.8, 0.66, 0.46)),
    ("beige", (0.98, 0.88, 0.76)), ("navy", (0.15, 0.17, 0.4)),
)  # fmt: skip
# Of red, green and blue: how bright a colour looks (Rec. 709).
LUMINANCE = (0.2126, 0.7152, 0.0722)
# Difference in brightness below which a shape is lost on its ground.
LEAST_CONTRAST = 0.25


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
    """[count, 3] → the nearest of the named ones."""
    names = colour_names()
    return [names[i] for i in nearest_named(colours)[0].tolist()]


def nearest_named(colours: Tensor) -> tuple[Tensor, Tensor]:
    """[count, 3] → numbers into `colour_names`, and how far off the colours there are."""
    table = torch.tensor([*NAMED.values(), *(colour for _, colour in SHADES)], device=colours.device)
    distance, number = torch.cdist(colours, table).min(dim=1)
    return number, distance


def colour_names() -> list[str]:
    return [*NAMED, *(name for name, _ in SHADES)]


def says_a_colour(text: str) -> bool:
    words = {word for name in colour_names() for word in name.split()} | {"golden", "silver", "rainbow"}
    return not words.isdisjoint(text.split())


def draw_contrasting(dice: Dice, grounds: Tensor) -> tuple[Tensor, list[str]]:
    """For each ground [count, 3] a named colour that stands out from it, a little off the table's own, and its name."""
    table = torch.tensor(list(NAMED.values()), device=grounds.device)
    numbers = dice.integers(len(grounds), len(table))
    weights = torch.tensor(LUMINANCE, device=grounds.device)
    brightness, ground = table[numbers] @ weights, grounds @ weights
    safe = torch.where(ground > 0.5, list(NAMED).index("black"), list(NAMED).index("white"))
    numbers = torch.where((brightness - ground).abs() < LEAST_CONTRAST, safe, numbers)
    colours = (table[numbers] + dice.uniform(len(grounds), 3, low=-0.04, high=0.04)).clamp(0, 1)
    names = list(NAMED)
    return colours, [names[i] for i in numbers.tolist()]
