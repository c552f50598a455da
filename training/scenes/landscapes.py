"""Landscapes of shapes: a sky, perhaps a sun or a moon and clouds, and three layers of land, far to near."""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from training.scenes.colours import name_colours
from training.scenes.dice import Dice
from training.scenes.grammar import listed
from training.scenes.grounds import Grounds, pixel_grid, soft_step

LAYERS = 3
BLOCKS = 9  # houses in a skyline
PUFFS = 3  # discs in a cloud


@dataclass(frozen=True)
class Sky:
    name: str
    high: tuple[float, float, float]
    low: tuple[float, float, float]
    light: tuple[float, float, float]  # of sun or moon
    body: str


SKIES = (
    Sky("a blue sky", (0.36, 0.64, 0.95), (0.78, 0.92, 1.0), (1.0, 0.86, 0.3), "sun"),
    Sky("a pale sky", (0.86, 0.93, 0.96), (0.99, 0.97, 0.92), (0.99, 0.62, 0.3), "sun"),
    Sky("a sunset sky", (0.45, 0.27, 0.56), (0.99, 0.62, 0.42), (1.0, 0.85, 0.45), "sun"),
    Sky("a pink sky", (0.93, 0.58, 0.68), (1.0, 0.88, 0.8), (1.0, 0.97, 0.85), "sun"),
    Sky("a night sky", (0.05, 0.07, 0.2), (0.16, 0.22, 0.45), (0.97, 0.95, 0.84), "moon"),
)
HILLS, MOUNTAINS, SEA, CITY = range(4)
# Each land's colours, near to the eye.
NEAR_COLOURS = (
    ((0.36, 0.68, 0.3), (0.55, 0.76, 0.3), (0.2, 0.5, 0.33), (0.85, 0.68, 0.35)),
    ((0.35, 0.4, 0.52), (0.45, 0.35, 0.33), (0.25, 0.45, 0.4), (0.55, 0.5, 0.62)),
    ((0.12, 0.42, 0.75), (0.15, 0.62, 0.65), (0.1, 0.25, 0.5), (0.3, 0.65, 0.85)),
    ((0.2, 0.22, 0.35), (0.45, 0.42, 0.5), (0.5, 0.28, 0.28), (0.25, 0.38, 0.5)),
)


def paint_landscapes(dice: Dice, count: int, size: int) -> Grounds:
    device = dice.device
    x, y = pixel_grid(size, device)
    skies, lands = dice.integers(count, len(SKIES)), dice.choose(count, [0.35, 0.25, 0.2, 0.2])
    high, low, light = (table(colours, device)[skies] for colours in zip(*((s.high, s.low, s.light) for s in SKIES)))
    near = torch.tensor(NEAR_COLOURS, device=device)[lands, dice.integers(count, 4)]
    near = torch.where((skies == len(SKIES) - 1)[:, None], near * 0.5, near)  # at night
    horizon = dice.uniform(count, low=-0.15, high=0.4)

    picture = torch.lerp(
        high[:, :, None, None], low[:, :, None, None], ((y + 1) / (horizon[:, None, None] + 1.01)).clamp(0, 1)[:, None]
    )
    with_light = dice.chance(count, 0.6)
    side = torch.where(dice.chance(count, 0.5), 1.0, -1.0)
    radius = dice.uniform(count, low=0.1, high=0.22)
    place = torch.stack([side * dice.uniform(count, low=0.25, high=0.75), dice.uniform(count, low=-0.75, high=-0.5)], dim=1)
    picture = paint(picture, disc(x, y, place, radius, size) * with_light[:, None, None], light)
    clouded = dice.chance(count, 0.45) & (skies != len(SKIES) - 1)
    cloud = clouds_of(dice, x, y, -side, size) * clouded[:, None, None]
    picture = paint(picture, cloud, torch.ones_like(light) * 0.98)

    ridges = skyline(dice, count, lands, horizon, size)  # [count, LAYERS, size]
    for layer in range(LAYERS):
        far = (LAYERS - 1 - layer) / LAYERS
        land = soft_step(y - ridges[:, layer, None, :], size)
        picture = paint(picture, land, torch.lerp(near, low, 0.75 * far))
    front = soft_step(y - ridges[:, -1, None, :], size)
    details = torch.where((lands == CITY)[:, None, None], windows(x, y), ripples(x, y)) * front
    details = details * ((lands == CITY) | (lands == SEA))[:, None, None]
    shine = torch.where((lands == CITY)[:, None], torch.tensor([1.0, 0.9, 0.55], device=device), near * 0.6 + 0.4)
    picture = paint(picture, details, shine)

    names, places = [], []
    for land, colour, sky, lit, cloudy in zip(
        lands.tolist(), name_colours(near), skies.tolist(), with_light.tolist(), clouded.tolist()
    ):
        thing = {HILLS: f"{colour} hills", MOUNTAINS: f"{colour} mountains", SEA: f"a {colour} sea", CITY: "a city"}[land]
        above = [f"a {SKIES[sky].body}"] * lit + ["a cloud"] * cloudy
        names.append(f"{thing} under {SKIES[sky].name}" + (f" with {listed(above)}" if above else ""))
        places.append(f"in front of {thing}")
    return Grounds(picture, names, places)


def table(rows: tuple[tuple[float, float, float], ...], device: torch.device) -> Tensor:
    return torch.tensor(rows, device=device)


def paint(picture: Tensor, coverage: Tensor, colours: Tensor) -> Tensor:
    """picture [count, 3, size, size], coverage [count, size, size], colours [count, 3]"""
    return torch.lerp(picture, colours[:, :, None, None].expand_as(picture), coverage[:, None])


def disc(x: Tensor, y: Tensor, centres: Tensor, radii: Tensor, size: int) -> Tensor:
    distance = ((x - centres[:, 0, None, None]) ** 2 + (y - centres[:, 1, None, None]) ** 2).sqrt()
    return soft_step(radii[:, None, None] - distance, size)


def clouds_of(dice: Dice, x: Tensor, y: Tensor, side: Tensor, size: int) -> Tensor:
    """Discs in a row, cut off below, on the `side` (±1) where the sun is not."""
    count = len(side)
    middle, height = side * dice.uniform(count, low=0.3, high=0.6), dice.uniform(count, low=-0.7, high=-0.45)
    cover = torch.zeros(count, size, size, device=dice.device)
    for i in range(PUFFS):
        centre = torch.stack([middle + (i - 1) * 0.16, height - 0.04 * (i == 1)], dim=1)
        cover = torch.maximum(cover, disc(x, y, centre, dice.uniform(count, low=0.1, high=0.16), size))
    return cover * soft_step(height[:, None, None] + 0.05 - y, size)


def skyline(dice: Dice, count: int, lands: Tensor, horizon: Tensor, size: int) -> Tensor:
    """How far down each layer begins, far to near: [count, LAYERS, size] in −1..1."""
    x = pixel_grid(size, dice.device)[0][:, :1]  # [1, 1, size]
    depth = torch.arange(LAYERS, device=dice.device)[None, :, None]  # [1, LAYERS, 1]
    base = horizon[:, None, None] + depth * dice.uniform(count, 1, 1, low=0.12, high=0.25)
    phase, pace = dice.uniform(count, LAYERS, 1), dice.uniform(count, LAYERS, 1, low=0.5, high=1.3)
    height = dice.uniform(count, LAYERS, 1, low=0.06, high=0.2)
    rolling = base + height * (2 * math.pi * (x * pace * 0.5 + phase)).sin()
    pointed = base + 2 * height * (2 * ((x * pace + phase) % 1) - 1).abs() - 0.15
    flat = horizon[:, None, None].expand_as(rolling)
    blocks = F.interpolate(dice.uniform(count, LAYERS, BLOCKS, low=-0.45, high=0.1), size=size, mode="nearest")
    land = lands[:, None, None]
    return torch.where(
        land == HILLS, rolling, torch.where(land == MOUNTAINS, pointed, torch.where(land == SEA, flat, base + blocks))
    )


def windows(x: Tensor, y: Tensor) -> Tensor:
    """Small lit windows, two to a house: [1, size, size]."""
    return ((((x + 1) * BLOCKS) % 1 - 0.5).abs() < 0.22).float() * (((y * 8) % 1 - 0.5).abs() < 0.2).float()


def ripples(x: Tensor, y: Tensor) -> Tensor:
    """Short thin lines, longer towards the eye."""
    row = (y * 11).floor()
    return ((y * 11) % 1 < 0.14).float() * ((x * 5 + row * 2.3).sin() > 0.35).float()
