"""Pictures with the looks of photographs: grain, wood and cloth, blurred lights, an edge of a table, shade towards the rim.

They show nothing. What a photograph has that flat artwork lacks is many colours close to each other, detail at every size,
soft edges and noise; a model that has never met these beside a mask takes them into what it draws.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from training.scenes.colours import draw_colours, name_colours
from training.scenes.dice import Dice
from training.scenes.grammar import with_article
from training.scenes.grounds import Grounds, pixel_grid, rotated

OCTAVES = 5
LIGHTS = 7
COARSEST = 3  # cells a side of the largest octave


def paint_photographs(dice: Dice, count: int, size: int) -> Grounds:
    """Two surfaces that meet at a soft edge, some with lights out of focus, all under uneven light and with grain."""
    x, y = pixel_grid(size, dice.device)
    first, second = paint_surface(dice, count, size), paint_surface(dice, count, size)
    along, _ = rotated(x, y, dice.uniform(count, high=2 * math.pi))
    softness = dice.uniform(count, 1, 1, low=0.02, high=0.4)
    beyond = torch.sigmoid((along - dice.uniform(count, 1, 1, low=0.1, high=1.6)) / softness)[:, None]
    picture = torch.lerp(first, second, beyond)
    picture = with_lights(dice, picture, x, y)

    towards, _ = rotated(x, y, dice.uniform(count, high=2 * math.pi))
    rim = (x**2 + y**2) * dice.uniform(count, 1, 1, high=0.25)
    light = 1 + towards * dice.uniform(count, 1, 1, high=0.3) - rim
    grain = dice.normal(count, 1, size, size) * dice.uniform(count, 1, 1, 1, high=0.04)
    picture = (picture * light[:, None] + grain).clamp(0, 1)
    names = [f"{with_article(colour)} photographed surface" for colour in name_colours(first.mean(dim=(2, 3)))]
    return Grounds(picture, names, [f"on {name}" for name in names])


def paint_surface(dice: Dice, count: int, size: int) -> Tensor:
    """Two near colours mixed by noise, which may be stretched as wood and cloth are: [count, 3, size, size]."""
    dark = draw_colours(dice, count)
    bright = (dark + dice.uniform(count, 3, low=-0.12, high=0.12) + dice.uniform(count, 1, low=0.02, high=0.4)).clamp(0, 1)
    return torch.lerp(dark[:, :, None, None], bright[:, :, None, None], noise(dice, count, size)[:, None])


def noise(dice: Dice, count: int, size: int) -> Tensor:
    """Fractal noise of 0..1, turned and stretched: [count, size, size]."""
    field = torch.zeros(count, 1, size, size, device=dice.device)
    roughness = dice.uniform(count, 1, 1, 1, low=0.35, high=0.85)
    stretch = torch.where(dice.chance(count, 0.5), dice.uniform(count, low=2, high=8), torch.ones(count, device=dice.device))
    angle = dice.uniform(count, high=math.pi)
    cos, sin = angle.cos(), angle.sin()
    # A turn, then one axis squeezed; 0.7 keeps the turned square inside the noise.
    theta = torch.stack(
        [torch.stack([cos, sin, 0 * cos], 1) * 0.7, torch.stack([-sin, cos, 0 * cos], 1) * (0.7 / stretch)[:, None]], 1
    )
    grid = F.affine_grid(theta, [count, 1, size, size], align_corners=False)
    for octave in range(OCTAVES):
        cells = COARSEST * 2**octave
        field = field + roughness**octave * F.grid_sample(
            dice.normal(count, 1, cells, cells), grid, mode="bicubic", padding_mode="reflection", align_corners=False
        )
    spread = field.std(dim=(2, 3), keepdim=True).clamp(min=1e-4)
    return (0.5 + 0.25 * field / spread).clamp(0, 1)[:, 0]


def with_lights(dice: Dice, picture: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """In a third of the pictures bright discs, as lamps out of focus are."""
    count = len(picture)
    lit = dice.chance(count, 0.33)[:, None, None]
    for _ in range(LIGHTS):
        centre, radius = dice.uniform(count, 2, low=-1, high=1), dice.uniform(count, 1, 1, low=0.05, high=0.3)
        distance = ((x - centre[:, 0, None, None]) ** 2 + (y - centre[:, 1, None, None]) ** 2).sqrt()
        cover = torch.sigmoid((radius - distance) / 0.03) * dice.uniform(count, 1, 1, low=0.1, high=0.6) * lit
        picture = torch.lerp(picture, draw_colours(dice, count)[:, :, None, None], cover[:, None])
    return picture
