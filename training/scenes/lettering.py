"""Lines of text, to stand for the small print in designs: real letters, words without meaning to the caption."""

import functools

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from training.scenes.dice import Dice

# How many words a line has: a button's, a heading's, a text's. Each kind has `LINES` lines.
WORD_COUNTS = (1, 2, 5)
BUTTON, HEADING, TEXT = range(3)
LINES = 16
HEIGHT, WIDTH = 32, 256  # pixels of a line in the atlas
LETTERS = 22  # pixels
LEVELS = 3
WORDS = (
    "The quick brown fox jumps over lazy dogs while five boxing wizards watch Sign up Read more Settings Profile Search "
    "results Price 12 345 67.89 Total Monday June 2024 Welcome back Team Project Design Layout Colour Save Cancel Next Share "
    "Photos Music Travel"
).split()


@functools.cache
def letter_atlas(device: torch.device) -> list[Tensor]:
    """Lines of words, kind after kind, at three sizes: opacity in 0..1, [3 · LINES, 1, HEIGHT / 2^level, WIDTH / 2^level]."""
    choose = np.random.default_rng(0)
    font, pictures = ImageFont.load_default(LETTERS), []
    for count in (count for count in WORD_COUNTS for _ in range(LINES)):
        text = " ".join(choose.choice(WORDS, count))
        while font.getlength(text) > WIDTH - 4:
            text = " ".join(choose.choice(WORDS, count))
        picture = Image.new("L", (WIDTH, HEIGHT), 0)
        ImageDraw.Draw(picture).text((2, 2), text, fill=255, font=font)
        pictures.append(np.asarray(picture, np.float32) / 255)
    atlas = [torch.from_numpy(np.stack(pictures))[:, None].to(device)]
    for _ in range(LEVELS - 1):
        atlas.append(F.avg_pool2d(atlas[-1], 2))
    return atlas


def write_line(dice: Dice, kind: int, left: Tensor, top: Tensor, height: Tensor, size: int) -> Tensor:
    """One line of a kind a sample: opacity [count, size, size]. Places and heights [count], in −1..1 units."""
    count, atlas = len(left), letter_atlas(dice.device)
    numbers = kind * LINES + dice.integers(count, LINES)
    # Output −1..1 → line −1..1: the line spans `height` down and `height · WIDTH / HEIGHT` across.
    across = height * WIDTH / HEIGHT
    theta = torch.zeros(count, 2, 3, device=dice.device)
    theta[:, 0, 0], theta[:, 0, 2] = 2 / across, -(2 * left / across + 1)
    theta[:, 1, 1], theta[:, 1, 2] = 2 / height, -(2 * top / height + 1)
    level = (HEIGHT / (height * size / 2)).log2().round().clamp(0, LEVELS - 1).long()
    written = torch.empty(count, 1, size, size, device=dice.device)
    for i, lines in enumerate(atlas):
        rows = (level == i).nonzero()[:, 0]
        if len(rows):
            grid = F.affine_grid(theta[rows], [len(rows), 1, size, size], align_corners=False)
            written[rows] = F.grid_sample(lines[numbers[rows]], grid, align_corners=False)
    return written[:, 0]
