"""Puts grounds, artwork, masks and captions together.

Five lessons, in the shares of `Shares`:
    add       the mask lies over one object; the caption names it
    remove    the mask lies over ground; the caption is empty
    extend    the mask is a side of the canvas; the caption is empty
    create    everything is masked; the caption names the object, often its style and the ground
    complete  the mask lies over a part of an object; the caption names it
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from training.scenes import masks
from training.scenes.captions import Captions
from training.scenes.dice import Dice
from training.scenes.grounds import draw_grounds
from training.scenes.sprite_bank import SpriteBank

EXTRA_OBJECTS = 2
LESSONS = ("add", "remove", "extend", "create", "complete")


@dataclass(frozen=True)
class Shares:
    add: float = 0.46
    remove: float = 0.16
    extend: float = 0.12
    create: float = 0.2
    complete: float = 0.06


@dataclass(frozen=True)
class Scenes:
    pictures: Tensor  # [batch, 3, size, size] in −1..1
    masks: Tensor  # [batch, 1, size, size], 1 = repaint
    captions: list[str]
    sprites: Tensor  # [batch], number of the main object in the bank
    lessons: Tensor  # [batch], index into LESSONS


def compose_scenes(
    bank: SpriteBank, captions: Captions, dice: Dice, batch: int, size: int, shares: Shares = Shares()
) -> Scenes:
    grounds = draw_grounds(dice, batch, size)
    lessons = dice.choose(batch, [getattr(shares, lesson) for lesson in LESSONS])
    adds, removes, extends, creates, completes = (lessons == i for i in range(len(LESSONS)))

    # The main object: large where it is the subject.
    sprites = dice.integers(batch, len(bank.sprites))
    sizes = dice.uniform(batch, low=0.38, high=0.9)
    centres = dice.uniform(batch, 2, low=-1, high=1) * (1 - sizes[:, None]) * 0.95
    angles = torch.where(
        dice.chance(batch, 0.3), dice.uniform(batch, low=-0.25, high=0.25), torch.zeros(batch, device=dice.device)
    )
    main = bank.place(sprites, centres, sizes, angles, dice.chance(batch, 0.15), size)  # [batch, 4, size, size]

    # Where the mask lies.
    around = sizes[:, None] * dice.uniform(batch, 2, low=1.02, high=1.5)
    halves = torch.where(removes[:, None], dice.uniform(batch, 2, low=0.25, high=0.65), around)
    halves = torch.where(completes[:, None], sizes[:, None] * dice.uniform(batch, 2, low=0.35, high=0.7), halves)
    slack = torch.where(adds[:, None], (halves - sizes[:, None]).clamp(min=0) * 0.8, sizes[:, None] * 0.5)
    middles = torch.where(
        removes[:, None], dice.uniform(batch, 2, low=-0.7, high=0.7), centres + slack * dice.uniform(batch, 2, low=-1, high=1)
    )
    shapes = dice.choose(batch, [0.35, 0.3, 0.2, 0.15])
    mask = torch.empty(batch, 1, size, size, device=dice.device)
    for i, draw in enumerate((masks.box, masks.lasso, masks.brush)):
        rows = (shapes == i).nonzero()[:, 0]
        if len(rows):
            mask[rows] = draw(dice, middles[rows], halves[rows], size)
    mask = torch.where((shapes == 3)[:, None, None, None], masks.outline(main[:, 3:], dice), mask)
    # A mask drawn to replace an object covers all of it.
    mask = torch.where((adds & (shapes != 3))[:, None, None, None], torch.maximum(mask, (main[:, 3:] > 0.1).float()), mask)
    mask = torch.where(extends[:, None, None, None], masks.sides(dice, batch, size), mask)
    mask = torch.where(creates[:, None, None, None], torch.ones_like(mask), mask)

    # Behind the main object, up to two others of the same or another style, never under the mask of the captioned one.
    picture = grounds.pictures
    covered = mask
    for _ in range(EXTRA_OBJECTS):
        small = dice.uniform(batch, low=0.2, high=0.42)
        extra = bank.place(
            dice.integers(batch, len(bank.sprites)), dice.uniform(batch, 2, low=-0.8, high=0.8), small,
            torch.zeros(batch, device=dice.device), dice.chance(batch, 0.15), size,
        )  # fmt: skip
        shown = dice.chance(batch, 0.25) & ~creates & ((extra[:, 3:] * covered).flatten(1).sum(1) < 1)
        picture = over(extra * shown[:, None, None, None], picture)

    # Where the lesson is to continue the ground, the main object stays out of the mask, or is only cut by its edge.
    hidden = (main[:, 3:] * mask).flatten(1).sum(1) / main[:, 3:].flatten(1).sum(1).clamp(min=1)
    shown = ~((removes & (hidden > 0.005)) | (extends & (hidden > 0.3)))
    main = main * shown[:, None, None, None]
    shaded = dice.chance(batch, 0.2)[:, None, None, None]
    picture = torch.where(shaded, picture * (1 - 0.35 * soft_shadow(main[:, 3:])), picture)
    picture = over(main, picture)

    texts = []
    for lesson, number, ground in zip(lessons.tolist(), sprites.tolist(), grounds.names):
        sprite = bank.sprites[number]
        if LESSONS[lesson] in ("remove", "extend"):
            texts.append("")
        elif LESSONS[lesson] == "create":
            texts.append(captions.scene(sprite.concept, sprite.style, ground))
        else:
            texts.append(captions.thing(sprite.concept, sprite.style))
    return Scenes((picture * 2 - 1).clamp(-1, 1), mask, texts, sprites, lessons)


def over(top: Tensor, below: Tensor) -> Tensor:
    """Premultiplied RGBA over RGB."""
    return top[:, :3] + below * (1 - top[:, 3:])


def soft_shadow(alpha: Tensor) -> Tensor:
    """The shape, lowered and blurred."""
    size = alpha.shape[-1]
    drop, reach = max(1, size // 32), max(1, size // 40)
    lowered = F.pad(alpha, (0, 0, drop, 0))[:, :, :size]
    return F.avg_pool2d(lowered, 2 * reach + 1, stride=1, padding=reach)
