"""What scenes lie on: half of them plain grounds and patterns, else a landscape, an interface, print or a photograph."""

import torch
import torch.nn.functional as F
from torch import Tensor

from training.scenes.colours import LUMINANCE, draw_colours, name_colours
from training.scenes.dice import Dice
from training.scenes.grounds import Grounds, draw_grounds
from training.scenes.interface import paint_cards, paint_pages, paint_thin_lines
from training.scenes.landscapes import paint_landscapes
from training.scenes.photographs import paint_photographs
from training.scenes.sprite_bank import SpriteBank

PAINTERS = (paint_landscapes, paint_cards, paint_pages, paint_thin_lines, paint_photographs)
PAINTED_SHARES = (0.2, 0.08, 0.03, 0.03, 0.1)
TEXTURED_SHARE = 0.06


def draw_scenery(bank: SpriteBank, dice: Dice, count: int, size: int) -> Grounds:
    textured = TEXTURED_SHARE if bank.texture_names else 0.0
    kinds = dice.choose(count, [1 - sum(PAINTED_SHARES) - textured, *PAINTED_SHARES, textured])
    scenery = draw_grounds(dice, count, size)
    for i, draw in enumerate((*PAINTERS, lambda *rest: lay_textures(bank, *rest)), start=1):
        rows = (kinds == i).nonzero()[:, 0]
        if len(rows):
            drawn = draw(dice, len(rows), size)
            scenery.pictures[rows] = drawn.pictures
            for row, name, place in zip(rows.tolist(), drawn.names, drawn.places):
                scenery.names[row], scenery.places[row] = name, place
    return scenery


def lay_textures(bank: SpriteBank, dice: Dice, count: int, size: int) -> Grounds:
    """A part of a photographed surface; those without a colour of their own are tinted."""
    numbers = dice.integers(count, len(bank.texture_names))
    part = dice.uniform(count, low=0.4, high=0.9)
    shift = dice.uniform(count, 2, low=-1, high=1) * (1 - part)[:, None]
    theta = torch.zeros(count, 2, 3, device=dice.device)
    theta[:, 0, 0], theta[:, 1, 1], theta[:, :, 2] = part, part, shift
    grid = F.affine_grid(theta, [count, 3, size, size], align_corners=False)
    pictures = F.grid_sample(bank.textures[numbers].float() / 255, grid, align_corners=False)
    tinted = torch.tensor(["{colour}" in bank.texture_names[i] for i in numbers.tolist()], device=dice.device)
    pictures = torch.where(tinted[:, None, None, None], tint(pictures, draw_colours(dice, count)), pictures)
    names = [
        bank.texture_names[i].format(colour=colour)
        for i, colour in zip(numbers.tolist(), name_colours(pictures.mean(dim=(2, 3))))
    ]
    return Grounds(pictures, names, [f"on {name}" for name in names])


def tint(pictures: Tensor, colours: Tensor) -> Tensor:
    """The pictures' light and dark around [count, 3] colours."""
    light = (pictures * torch.tensor(LUMINANCE, device=pictures.device)[:, None, None]).sum(dim=1, keepdim=True)
    return (colours[:, :, None, None] + light - light.mean(dim=(2, 3), keepdim=True)).clamp(0, 1)
