"""Scenes kept as 8-bit pictures, each used several times, because composing one costs more than turning and recolouring it."""

import torch
from torch import Tensor

from training.scenes.captions import Captions
from training.scenes.compose import ADD_ONLY, compose_scenes, over
from training.scenes.dice import Dice
from training.scenes.grounds import draw_grounds
from training.scenes.sprite_bank import SpriteBank

# Scenes composed at once.
CHUNK = 16
PASTED_OBJECTS = 3


class PicturePool:
    def __init__(self, bank: SpriteBank, dice: Dice, count: int, size: int, reuse: int):
        """`count` pictures of `size` pixels, each drawn about `reuse` times before another takes its place."""
        self.bank, self.dice, self.size, self.reuse = bank, dice, size, reuse
        self.captions = Captions(bank.words, bank.concepts, 0)
        self.pictures = torch.empty(count, 3, size, size, dtype=torch.uint8, device=dice.device)
        self.drawn = 0
        self.oldest = 0
        for _ in range(0, count, CHUNK):
            self.renew()

    def renew(self) -> None:
        count = min(CHUNK, len(self.pictures) - self.oldest)
        scenes = mixed_scenes(self.bank, self.captions, self.dice, count, self.size)
        self.pictures[self.oldest : self.oldest + count] = ((scenes + 1) * 127.5).round().byte()
        self.oldest = (self.oldest + count) % len(self.pictures)

    def draw(self, batch: int) -> Tensor:
        """[batch, 3, size, size] in −1..1, turned, mirrored and recoloured."""
        self.drawn += batch
        if self.drawn >= CHUNK * self.reuse:
            self.drawn -= CHUNK * self.reuse
            self.renew()
        pictures = self.pictures[self.dice.integers(batch, len(self.pictures))].float() / 127.5 - 1
        turns = int(self.dice.integers(1, 4))
        pictures = torch.rot90(pictures, turns, dims=(2, 3))
        if turns % 2 == 0 and self.dice.chance(1, 0.5):
            pictures = pictures.flip(3)
        colours = torch.randperm(3, generator=self.dice.generator, device=self.dice.device)
        negative = torch.where(self.dice.chance(batch, 0.2), -1.0, 1.0)[:, None, None, None]
        return pictures[:, colours] * negative


def mixed_scenes(bank: SpriteBank, captions: Captions, dice: Dice, count: int, size: int) -> Tensor:
    """Half composed at any size, 85 % of them upright, the rest turned by up to 0.25 rad; half pasted pixel for pixel.

    [count, 3, size, size] in −1..1.
    """
    composed = compose_scenes(bank, captions, dice, count - count // 2, size, ADD_ONLY).pictures
    return torch.cat([composed, pasted_scenes(bank, dice, count // 2, size)])


def pasted_scenes(bank: SpriteBank, dice: Dice, count: int, size: int) -> Tensor:
    """Artwork as large as it was drawn, or half as large, on whole pixels: edges as sharp as they come."""
    pictures = draw_grounds(dice, count, size).pictures
    for _ in range(PASTED_OBJECTS):
        side = torch.where(dice.chance(count, 0.5), bank.side, bank.side // 2)
        left = (dice.uniform(count, 2) * size - side[:, None] / 2).round()
        centres = (left * 2 + side[:, None]) / size - 1
        upright = torch.zeros(count, device=dice.device)
        numbers = dice.integers(count, len(bank.sprites))
        pictures = over(bank.place(numbers, centres, side / size, upright, dice.chance(count, 0.3), size), pictures)
    return (pictures * 2 - 1).clamp(-1, 1)
