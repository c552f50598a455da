"""Scenes in the styles that training never sees: the same ones at every call, to measure on."""

from pathlib import Path

import torch
from torch import Tensor

from training.data.sprite_cache import read_sprite_index
from training.scenes.captions import Captions
from training.scenes.compose import ADD_ONLY, compose_scenes
from training.scenes.dice import Dice
from training.scenes.picture_pool import mixed_scenes
from training.scenes.sprite_bank import SpriteBank

SEED = 4242


def held_out_pictures(cache: Path, count: int, size: int, device: torch.device) -> Tensor:
    """[count, 3, size, size] in −1..1, one whole object each."""
    bank = held_out_bank(cache, device)
    return compose_scenes(bank, Captions(bank.words, bank.concepts, 0), Dice(SEED, device), count, size, ADD_ONLY).pictures


def held_out_artwork(cache: Path, count: int, size: int, device: torch.device) -> Tensor:
    """[count, 3, size, size] in −1..1, half of them pasted pixel for pixel, as the upscaler learns from."""
    bank = held_out_bank(cache, device)
    return mixed_scenes(bank, Captions(bank.words, bank.concepts, 0), Dice(SEED, device), count, size)


def held_out_bank(cache: Path, device: torch.device) -> SpriteBank:
    return SpriteBank(cache, read_sprite_index(cache).held_out_styles, None, device)
