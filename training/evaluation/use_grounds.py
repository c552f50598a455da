"""Where people try an edit first: the playground's pictures with masks as they are painted there, and grounds like them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor

from training.scenes import masks
from training.scenes.dice import Dice
from training.scenes.grounds import Grounds, draw_grounds
from training.scenes.interface import paint_cards
from training.scenes.landscapes import paint_landscapes
from training.scenes.photographs import paint_photographs
from training.scenes.scenery import lay_textures
from training.scenes.sprite_bank import SpriteBank

SAMPLES = Path(__file__).parents[2] / "plugin" / "public" / "samples"
# As shared/planning/fit-context.ts: room around the mask on each side, as a share of its average side, and the least in pixels.
PADDING_SHARE, LEAST_PADDING = 0.4, 16
SEED = 21


@dataclass(frozen=True)
class Painted:
    sample: str
    area: str
    shape: str  # "box", "lasso" or "brush"
    bounds: tuple[int, int, int, int]  # left, top, right, bottom in the picture's pixels


# Over what is there, beside it, and far wider than what will be drawn.
PAINTED = (
    Painted("meadow.png", "over the dog", "lasso", (296, 290, 480, 486)),
    Painted("meadow.png", "over the dog, by a box", "box", (280, 276, 500, 500)),
    Painted("meadow.png", "in the sky", "brush", (310, 30, 480, 180)),
    Painted("meadow.png", "across the sky", "brush", (256, 16, 560, 150)),
    Painted("meadow.png", "on the meadow", "lasso", (530, 336, 690, 490)),
    Painted("meadow.png", "on the horizon", "box", (270, 170, 430, 320)),
    Painted("meadow.png", "over the house", "lasso", (516, 150, 688, 324)),
    Painted("meadow.png", "over the tree", "brush", (44, 110, 256, 336)),
    Painted("burger.png", "over the burger", "brush", (60, 60, 260, 260)),
    Painted("strawberry.png", "over the strawberry", "box", (56, 56, 264, 264)),
    Painted("rocket.png", "over the rocket", "lasso", (64, 64, 256, 256)),
    Painted("rocket.png", "in a corner", "box", (8, 8, 104, 104)),
    Painted("coffee.jpg", "over the cup", "lasso", (168, 14, 414, 310)),
    Painted("coffee.jpg", "on the table", "lasso", (440, 30, 590, 190)),
    Painted("coffee.jpg", "over the spoon", "brush", (330, 180, 480, 330)),
)
# Shares of the grounds that are drawn, and their names in the numbers.
DRAWN = {"landscapes": 6, "photographs": 5, "surfaces": 4, "cards": 2, "patterns": 3}


@dataclass(frozen=True)
class UseGround:
    kind: str  # a playground's picture, or a key of DRAWN
    picture: Tensor  # [3, size, size] in −1..1
    mask: Tensor  # [1, size, size], 1 = repaint


def use_grounds(bank: SpriteBank, size: int) -> list[UseGround]:
    """The same ones at every call. `bank`: for its photographed surfaces; a bank without them is measured without them.

    Raises FileNotFoundError where the playground's pictures are not there: measuring needs the whole project.
    """
    return [*(sample_ground(painted, size) for painted in PAINTED), *drawn_grounds(bank, size)]


def sample_ground(painted: Painted, size: int) -> UseGround:
    """The part of the sample that the model would see, made square."""
    image = Image.open(SAMPLES / painted.sample).convert("RGB")
    left, top, right, bottom = painted.bounds
    width, height = right - left, bottom - top
    padding = max(LEAST_PADDING, round((width + height) / 2 * PADDING_SHARE))
    side = min(max(width, height) + 2 * padding, *image.size)
    x, y = (
        min(max((low + high - side) // 2, 0), whole - side)
        for low, high, whole in ((left, right, image.width), (top, bottom, image.height))
    )
    seen = image.crop((x, y, x + side, y + side)).resize((size, size), Image.Resampling.LANCZOS)
    pixels = torch.frombuffer(bytearray(seen.tobytes()), dtype=torch.uint8).view(size, size, 3)
    centre = torch.tensor([[(left + right) / 2 - x, (top + bottom) / 2 - y]]) / side * 2 - 1
    half = torch.tensor([[width, height]]) / side
    mask = draw_mask(painted.shape, Dice(SEED, "cpu"), centre, half, size)[0]
    return UseGround("samples", pixels.permute(2, 0, 1).float() / 127.5 - 1, mask)


def drawn_grounds(bank: SpriteBank, size: int) -> list[UseGround]:
    dice = Dice(SEED, "cpu")
    painters: dict[str, Callable[[Dice, int, int], Grounds]] = {
        "landscapes": paint_landscapes,
        "photographs": paint_photographs,
        "surfaces": lambda *rest: lay_textures(bank, *rest),
        "cards": paint_cards,
        "patterns": draw_grounds,
    }
    found = []
    for kind, count in DRAWN.items():
        if kind == "surfaces" and not bank.texture_names:
            continue
        pictures = painters[kind](dice, count, size).pictures * 2 - 1
        centres, halves = dice.uniform(count, 2, low=-0.25, high=0.25), dice.uniform(count, 2, low=0.42, high=0.62)
        for i, picture in enumerate(pictures):
            shape = ("lasso", "box", "brush")[i % 3]
            found.append(UseGround(kind, picture, draw_mask(shape, dice, centres[i : i + 1], halves[i : i + 1], size)[0]))
    return found


def draw_mask(shape: str, dice: Dice, centres: Tensor, halves: Tensor, size: int) -> Tensor:
    """Inside the bounds, as a hand stays: the training's lassos and brushes reach beyond them."""
    drawn = {"box": masks.box, "lasso": masks.lasso, "brush": masks.brush}[shape](dice, centres, halves, size)
    return drawn * masks.box(dice, centres, halves * 1.06, size)


def fitted_artwork(bank: SpriteBank, number: int, ground: UseGround) -> Tensor:
    """A picture of the bank where the mask lies, as large as its shorter side: what a perfect answer would look like."""
    size = ground.mask.shape[-1]
    rows, columns = ground.mask[0].amax(dim=1).nonzero()[:, 0], ground.mask[0].amax(dim=0).nonzero()[:, 0]
    edges = torch.stack([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]) / size * 2 - 1
    centre, half = (edges[:2] + edges[2:]) / 2, ((edges[2:] - edges[:2]) / 2).min()
    nothing = torch.zeros(1)
    drawn = bank.place(torch.tensor([number]), centre[None], half[None] * 0.95, nothing, nothing.bool(), size)[0]
    kept = 1 - ground.mask
    emptied = ground.picture * kept + (ground.picture * kept).sum(dim=(1, 2), keepdim=True) / kept.sum() * ground.mask
    return drawn[:3] * 2 - drawn[3:] + emptied * (1 - drawn[3:])
