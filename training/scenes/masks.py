"""Masks as designers make them: a box, a lasso, brush strokes, a selection's outline, a side of the canvas. 1 = repaint."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from training.scenes.dice import Dice
from training.scenes.grounds import pixel_grid

BRUSH_POINTS = 6


def box(dice: Dice, centres: Tensor, halves: Tensor, size: int) -> Tensor:
    """`centres`, `halves`: [batch, 2] in −1..1 units → [batch, 1, size, size] of 0 and 1."""
    x, y = pixel_grid(size, dice.device)
    inside = ((x - at(centres, 0)).abs() <= at(halves, 0)) & ((y - at(centres, 1)).abs() <= at(halves, 1))
    return inside[:, None].float()


def lasso(dice: Dice, centres: Tensor, halves: Tensor, size: int) -> Tensor:
    """A closed curve around the box: an ellipse with three random waves on it."""
    x, y = pixel_grid(size, dice.device)
    u, v = (x - at(centres, 0)) / at(halves, 0), (y - at(centres, 1)) / at(halves, 1)
    angle = torch.atan2(v, u)
    radius = torch.full_like(angle, 1.25)
    for wave in (2, 3, 5):
        height = dice.uniform(len(centres), 1, 1, high=0.28 / wave**0.5)
        radius = radius + height * (wave * angle + dice.uniform(len(centres), 1, 1, high=2 * math.pi)).cos()
    return ((u**2 + v**2).sqrt() <= radius)[:, None].float()


def brush(dice: Dice, centres: Tensor, halves: Tensor, size: int) -> Tensor:
    """A round brush going back and forth over the box."""
    x, y = pixel_grid(size, dice.device)
    batch = len(centres)
    radius = (halves.mean(dim=1) * dice.uniform(batch, low=0.3, high=0.6))[:, None, None]
    reach = dice.uniform(batch, BRUSH_POINTS, low=0.4, high=0.85)
    side = torch.tensor([(-1.0) ** i for i in range(BRUSH_POINTS)], device=dice.device) * reach
    down = torch.linspace(-0.75, 0.75, BRUSH_POINTS, device=dice.device).expand(batch, -1) + dice.uniform(
        batch, BRUSH_POINTS, low=-0.1, high=0.1
    )
    px = centres[:, :1] + halves[:, :1] * side
    py = centres[:, 1:] + halves[:, 1:] * down
    covered = torch.zeros(batch, size, size, dtype=torch.bool, device=dice.device)
    for i in range(BRUSH_POINTS - 1):
        ax, ay, bx, by = (p[:, None, None] for p in (px[:, i], py[:, i], px[:, i + 1], py[:, i + 1]))
        along = (((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2 + 1e-6)).clamp(0, 1)
        distance = ((x - ax - along * (bx - ax)) ** 2 + (y - ay - along * (by - ay)) ** 2).sqrt()
        covered |= distance <= radius
    return covered[:, None].float()


def outline(alpha: Tensor, dice: Dice) -> Tensor:
    """The drawn pixels, grown by 2 to 8 % of the picture. `alpha`: [batch, 1, size, size]."""
    size = alpha.shape[-1]
    grown = torch.empty_like(alpha)
    steps = dice.integers(len(alpha), 3)
    for i, share in enumerate((0.02, 0.05, 0.08)):
        rows = (steps == i).nonzero()[:, 0]
        if len(rows):
            reach = max(1, round(share * size))
            grown[rows] = F.max_pool2d(alpha[rows], 2 * reach + 1, stride=1, padding=reach)
    return (grown > 0.1).float()


def sides(dice: Dice, batch: int, size: int) -> Tensor:
    """One side of the canvas, two opposite ones, or two that meet."""
    x, y = pixel_grid(size, dice.device)
    width = dice.uniform(4, batch, 1, 1, low=0.25, high=1.0)
    first = dice.integers(batch, 4)
    second = torch.where(dice.chance(batch, 0.35), dice.integers(batch, 4), first)
    inside = torch.zeros(batch, size, size, dtype=torch.bool, device=dice.device)
    for i, axis in enumerate((x, -x, y, -y)):
        chosen = ((first == i) | (second == i))[:, None, None]
        inside |= chosen & (axis > 1 - width[i] * torch.where(second == first, 1.0, 0.7)[:, None, None])
    return inside[:, None].float()


def at(points: Tensor, column: int) -> Tensor:
    return points[:, column, None, None]
