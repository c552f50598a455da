"""Grounds: what lies behind the artwork. Each is a field of 0..1 that mixes two colours."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from training.scenes.colours import draw_colours, name_colours
from training.scenes.dice import Dice


@dataclass(frozen=True)
class Grounds:
    pictures: Tensor  # [batch, 3, size, size] in 0..1
    names: list[str]  # "a blue background", "red and white stripes"
    places: list[str]  # the same after "a house": "on a blue background"


def pixel_grid(size: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """x and y of pixel centres in −1..1, each [1, size, size]."""
    axis = (torch.arange(size, device=device) + 0.5) / size * 2 - 1
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    return x[None], y[None]


def soft_step(distance: Tensor, size: int) -> Tensor:
    """0 where `distance` < 0, 1 where > 0, and one pixel of transition: an anti-aliased edge. Distances in −1..1 units."""
    return (distance * size / 2 + 0.5).clamp(0, 1)


def rotated(x: Tensor, y: Tensor, angle: Tensor) -> tuple[Tensor, Tensor]:
    cos, sin = angle.cos()[:, None, None], angle.sin()[:, None, None]
    return x * cos + y * sin, y * cos - x * sin


def plain(dice: Dice, count: int, x: Tensor, y: Tensor) -> Tensor:
    return torch.zeros(count, *x.shape[1:], device=x.device)


def linear_gradient(dice: Dice, count: int, x: Tensor, y: Tensor) -> Tensor:
    along, _ = rotated(x, y, dice.uniform(count, high=2 * math.pi))
    return (along * 0.4 + 0.5).clamp(0, 1)


def radial_gradient(dice: Dice, count: int, x: Tensor, y: Tensor) -> Tensor:
    cx, cy = dice.uniform(2, count, 1, 1, low=-0.5, high=0.5)
    return (((x - cx) ** 2 + (y - cy) ** 2).sqrt() / 1.4).clamp(0, 1)


def stripes(dice: Dice, count: int, x: Tensor, y: Tensor) -> Tensor:
    straight = dice.integers(count, 8).float() * (math.pi / 4)
    angle = torch.where(dice.chance(count, 0.75), straight, dice.uniform(count, high=math.pi))
    along, _ = rotated(x, y, angle)
    period = dice.uniform(count, 1, 1, low=0.12, high=0.5)
    share = dice.uniform(count, 1, 1, low=0.25, high=0.75)
    phase = (along / period + dice.uniform(count, 1, 1)) % 1
    return soft_step((share / 2 - (phase - 0.5).abs()) * period, x.shape[-1])


def checkers(dice: Dice, count: int, x: Tensor, y: Tensor) -> Tensor:
    period = dice.uniform(count, 1, 1, low=0.25, high=0.8)
    offset = dice.uniform(2, count, 1, 1)
    waves = [((axis / period + shift) % 1 - 0.5).abs() - 0.25 for axis, shift in zip((x, y), offset)]
    first, second = (soft_step(wave * period, x.shape[-1]) for wave in waves)
    return first + second - 2 * first * second


def dots(dice: Dice, count: int, x: Tensor, y: Tensor) -> Tensor:
    turned = torch.where(dice.chance(count, 0.4), math.pi / 4, 0.0)
    x, y = rotated(x, y, turned)
    period = dice.uniform(count, 1, 1, low=0.15, high=0.45)
    offset = dice.uniform(2, count, 1, 1)
    u, v = (((axis / period + shift) % 1 - 0.5) for axis, shift in zip((x, y), offset))
    radius = dice.uniform(count, 1, 1, low=0.15, high=0.36)
    return soft_step((radius - (u**2 + v**2).sqrt()) * period, x.shape[-1])


def grid_lines(dice: Dice, count: int, x: Tensor, y: Tensor) -> Tensor:
    period = dice.uniform(count, 1, 1, low=0.15, high=0.4)
    width = dice.uniform(count, 1, 1, low=0.04, high=0.12)
    offset = dice.uniform(2, count, 1, 1)
    lines = [
        soft_step((width - ((axis / period + shift) % 1 - 0.5).abs()) * period, x.shape[-1])
        for axis, shift in zip((x, y), offset)
    ]
    return torch.maximum(*lines)


def waves(dice: Dice, count: int, x: Tensor, y: Tensor) -> Tensor:
    period = dice.uniform(count, 1, 1, low=0.2, high=0.5)
    bent = y + dice.uniform(count, 1, 1, low=0.03, high=0.12) * (x * dice.uniform(count, 1, 1, low=4, high=12)).sin()
    phase = (bent / period + dice.uniform(count, 1, 1)) % 1
    return soft_step((0.25 - (phase - 0.5).abs()) * period, x.shape[-1])


def clouds(dice: Dice, count: int, x: Tensor, y: Tensor) -> Tensor:
    coarse = dice.uniform(count, 1, 5, 5)
    return F.interpolate(coarse, size=x.shape[1:], mode="bicubic", align_corners=True)[:, 0].clamp(0, 1)


def hills(dice: Dice, count: int, x: Tensor, y: Tensor) -> Tensor:
    horizon = dice.uniform(count, 1, 1, low=-0.1, high=0.6)
    height = dice.uniform(count, 1, 1, low=0.0, high=0.25)
    line = horizon + height * (x * dice.uniform(count, 1, 1, low=1.5, high=4) + dice.uniform(count, 1, 1, high=6)).sin()
    return soft_step(y - line, x.shape[-1])


def card(dice: Dice, count: int, x: Tensor, y: Tensor) -> Tensor:
    """A rounded rectangle, as panels and buttons are."""
    half = dice.uniform(2, count, 1, 1, low=0.45, high=0.9)
    radius = dice.uniform(count, 1, 1, low=0.03, high=0.3)
    qx, qy = x.abs() - half[0] + radius, y.abs() - half[1] + radius
    outside = (qx.clamp(min=0) ** 2 + qy.clamp(min=0) ** 2).sqrt() + torch.maximum(qx, qy).clamp(max=0)
    return soft_step(radius - outside, x.shape[-1])


@dataclass(frozen=True)
class Kind:
    field: Callable[[Dice, int, Tensor, Tensor], Tensor]
    weight: float
    name: str  # {a} and {b} stand for the colours
    alike: str | None = None  # where both colours have the same name

    def named(self, a: str, b: str) -> str:
        text = (self.alike or self.name) if a == b else self.name
        return text.format(a=a, b=b).replace("a orange", "an orange").replace("a olive", "an olive")


KINDS = (
    Kind(plain, 0.26, "a {a} background"),
    Kind(linear_gradient, 0.14, "a gradient from {a} to {b}", "a gradient of {a}"),
    Kind(radial_gradient, 0.06, "a soft {a} background"),
    Kind(stripes, 0.10, "{a} and {b} stripes", "{a} stripes"),
    Kind(checkers, 0.07, "{a} and {b} checkers", "{a} checkers"),
    Kind(dots, 0.09, "{b} dots on {a}", "{a} dots"),
    Kind(grid_lines, 0.04, "a {b} grid on {a}", "a {a} grid"),
    Kind(waves, 0.04, "{a} and {b} waves", "{a} waves"),
    Kind(clouds, 0.06, "a blurred background"),
    Kind(hills, 0.09, "a hill"),
    Kind(card, 0.05, "a {b} card"),
)


# What takes more than a colour to go on, each as often as the others.
PATTERNS = tuple(float(kind.field in (stripes, checkers, dots, grid_lines, waves, clouds, hills)) for kind in KINDS)


def draw_grounds(dice: Dice, count: int, size: int, weights: Sequence[float] | None = None) -> Grounds:
    """`weights`: how often each of `KINDS` is drawn; default their own."""
    x, y = pixel_grid(size, dice.device)
    kinds = dice.choose(count, list(weights or (kind.weight for kind in KINDS)))
    field = torch.empty(count, size, size, device=dice.device)
    for i, kind in enumerate(KINDS):
        rows = (kinds == i).nonzero()[:, 0]
        if len(rows):
            field[rows] = kind.field(dice, len(rows), x, y)
    first, second = draw_colours(dice, count), draw_colours(dice, count)
    # Half of the patterns are quiet: two tones of nearly the same colour.
    quiet = dice.chance(count, 0.5)[:, None]
    second = torch.where(quiet, first * 0.75 + second * 0.25, second)
    pictures = torch.lerp(first[:, :, None, None], second[:, :, None, None], field[:, None])
    names = [KINDS[k].named(a, b) for k, a, b in zip(kinds.tolist(), name_colours(first), name_colours(second))]
    return Grounds(pictures, names, [f"on {name}" for name in names])
