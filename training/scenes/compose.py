"""Puts grounds, artwork, masks and captions together.

Seven kinds of scene, in the shares of `Shares`:
    add       the mask lies over one object; the caption names it
    remove    the mask lies over ground; the caption is empty
    extend    the mask is a side of the canvas; the caption is empty
    create    everything is masked; the caption names the object, often its style and the ground
    complete  the mask lies over a part of an object; the caption names it
    arrange   everything or all objects are masked; the caption says how many, which and where
    restyle   everything is masked; the caption names a style, and the source shows the thing in another
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from training.scenes import masks
from training.scenes.arrangements import MOST_OBJECTS, Arrangement, Arranger
from training.scenes.captions import Captions
from training.scenes.colours import draw_contrasting
from training.scenes.dice import Dice
from training.scenes.grounds import PATTERNS, Grounds, draw_grounds
from training.scenes.scenery import draw_scenery
from training.scenes.sprite_bank import SpriteBank

EXTRA_OBJECTS, EXTRA_SHARE = 3, 0.3
# Things that are small in the picture; masks that leave a thing far more room than it takes, at times in one direction only.
SMALL_SHARE, LOOSE_SHARE = 0.2, 0.25
# Of patterns that are to go on, how many do so beyond the picture's border.
EXTENDED_PATTERNS = 0.3
KINDS_OF_SCENE = ("add", "remove", "extend", "create", "complete", "arrange", "restyle")


@dataclass(frozen=True)
class Shares:
    add: float = 0.46
    remove: float = 0.16
    extend: float = 0.12
    create: float = 0.2
    complete: float = 0.06
    arrange: float = 0.0
    restyle: float = 0.0
    # Of all scenes, those that become removals and extensions of patterns, whatever kind was drawn for them.
    patterns: float = 0.0


# What the denoiser learns: all of them, one scene in eleven with several objects, one in nine a restyling.
TRAINING = Shares(arrange=0.11, restyle=0.14)
# For what needs pictures alone, which every kind draws alike, or one whole object under each mask.
ADD_ONLY = Shares(add=1.0, remove=0.0, extend=0.0, create=0.0, complete=0.0)


@dataclass(frozen=True)
class Scenes:
    pictures: Tensor  # [batch, 3, size, size] in −1..1
    masks: Tensor  # [batch, 1, size, size], 1 = repaint
    captions: list[str]
    sprites: Tensor  # [batch], number of the main object in the bank; of an arrangement the one drawn first
    kinds: Tensor  # [batch], index into KINDS_OF_SCENE
    sources: Tensor  # [batch, 3, size, size], what noise is added to: the pictures, or what is to be restyled


def compose_scenes(
    bank: SpriteBank, captions: Captions, dice: Dice, batch: int, size: int, shares: Shares = TRAINING
) -> Scenes:
    grounds = draw_scenery(bank, dice, batch, size)
    kinds = dice.choose(batch, [getattr(shares, kind) for kind in KINDS_OF_SCENE])
    patterned = dice.chance(batch, shares.patterns).nonzero()[:, 0]
    if len(patterned):
        lay_patterns(dice, grounds, kinds, patterned)
    tints, tint_names = draw_contrasting(dice, grounds.pictures.mean(dim=(2, 3)))
    adds, removes, extends, creates, completes, arranges, restyles = (kinds == i for i in range(len(KINDS_OF_SCENE)))

    # The main object: large where it is the subject.
    sprites = bank.draw(dice, batch)
    small = dice.chance(batch, SMALL_SHARE) & ~creates & ~restyles
    sizes = torch.where(small, dice.uniform(batch, low=0.22, high=0.42), dice.uniform(batch, low=0.42, high=0.88))
    centres = dice.uniform(batch, 2, low=-1, high=1) * (1 - sizes[:, None]) * 0.95
    angles = torch.where(
        dice.chance(batch, 0.15), dice.uniform(batch, low=-0.25, high=0.25), torch.zeros(batch, device=dice.device)
    )
    mirrored = dice.chance(batch, 0.15)
    main = bank.place(sprites, centres, sizes, angles, mirrored, size, tints)  # [batch, 4, size, size]

    arranger, arrangements = Arranger(bank, captions), {}
    for row in arranges.nonzero()[:, 0].tolist():
        arrangements[row] = arranger.draw(tint_names[row], grounds.names[row], grounds.places[row])
    place_arrangements(bank, arrangements, main, tints)
    for row, arrangement in arrangements.items():
        sprites[row] = arrangement.objects[0].number if arrangement.objects else sprites[row]
    areas = torch.tensor(
        [arrangements[i].area() if i in arrangements else (0, 0, 1, 1) for i in range(batch)], device=dice.device
    )

    # Where the mask lies.
    loose = dice.uniform(batch, 2, low=1.02, high=2.4)
    around = sizes[:, None] * torch.where(
        dice.chance(batch, LOOSE_SHARE)[:, None], loose, dice.uniform(batch, 2, low=1.02, high=1.5)
    )
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
    mask = torch.where(arranges[:, None, None, None], masks.box(dice, areas[:, :2], areas[:, 2:], size), mask)
    mask = torch.where((creates | restyles)[:, None, None, None], torch.ones_like(mask), mask)

    # Behind the main object, up to three others of the same or another style, never under the mask of the captioned one.
    picture = grounds.pictures
    for _ in range(EXTRA_OBJECTS):
        rows = (dice.chance(batch, EXTRA_SHARE) & ~creates & ~arranges & ~restyles).nonzero()[:, 0]
        if not len(rows):
            continue
        extra = bank.place(
            bank.draw(dice, len(rows)), dice.uniform(len(rows), 2, low=-0.95, high=0.95),
            dice.uniform(len(rows), low=0.2, high=0.5), torch.zeros(len(rows), device=dice.device),
            dice.chance(len(rows), 0.15), size, tints[rows],
        )  # fmt: skip
        shown = (extra[:, 3:] * mask[rows]).flatten(1).sum(1) < 1
        picture[rows] = over(extra * shown[:, None, None, None], picture[rows])

    # Where the ground is to go on, the main object stays out of the mask, or is only cut by its edge.
    hidden = (main[:, 3:] * mask).flatten(1).sum(1) / main[:, 3:].flatten(1).sum(1).clamp(min=1)
    shown = ~((removes & (hidden > 0.005)) | (extends & (hidden > 0.3)))
    main = main * shown[:, None, None, None]
    shaded = dice.chance(batch, 0.2).nonzero()[:, 0]
    picture[shaded] = picture[shaded] * (1 - 0.35 * soft_shadow(main[shaded, 3:]))
    restyled = restyles.nonzero()[:, 0]
    others = bank.in_other_styles(sprites[restyled], dice)
    other = bank.place(others, centres[restyled], sizes[restyled], angles[restyled], mirrored[restyled], size, tints[restyled])
    other = over(other, picture[restyled])
    picture = over(main, picture)
    source = picture.clone()
    source[restyled] = other

    texts = []
    for row, (kind, number) in enumerate(zip(kinds.tolist(), sprites.tolist())):
        if KINDS_OF_SCENE[kind] in ("remove", "extend"):
            texts.append("")
        elif KINDS_OF_SCENE[kind] == "arrange":
            texts.append(arrangements[row].caption)
        elif KINDS_OF_SCENE[kind] == "restyle":
            texts.append(captions.in_style(bank.sprites[number].concept, bank.sprites[number].style))
        else:
            sprite = bank.sprites[number]
            thing = captions.thing(sprite.concept, sprite.style, bank.colour_of(number, tint_names[row]))
            texts.append(captions.placed(thing, grounds.places[row]) if KINDS_OF_SCENE[kind] == "create" else thing)
    return Scenes((picture * 2 - 1).clamp(-1, 1), mask, texts, sprites, kinds, (source * 2 - 1).clamp(-1, 1))


def lay_patterns(dice: Dice, grounds: Grounds, kinds: Tensor, rows: Tensor) -> None:
    """Makes scenes that remove and extend of the given rows, on grounds that take more than a colour to go on."""
    drawn = draw_grounds(dice, len(rows), grounds.pictures.shape[-1], PATTERNS)
    grounds.pictures[rows] = drawn.pictures
    for row, name, place in zip(rows.tolist(), drawn.names, drawn.places):
        grounds.names[row], grounds.places[row] = name, place
    remove, extend = (KINDS_OF_SCENE.index(kind) for kind in ("remove", "extend"))
    kinds[rows] = torch.where(dice.chance(len(rows), EXTENDED_PATTERNS), extend, remove)


def place_arrangements(bank: SpriteBank, arrangements: dict[int, Arrangement], main: Tensor, tints: Tensor) -> None:
    """Draws the arranged rows of `main` anew, all rows' first objects at once, then all second ones, and so on."""
    device, size = main.device, main.shape[-1]
    main[list(arrangements)] = 0
    for i in range(MOST_OBJECTS):
        objects = {row: a.objects[i] for row, a in arrangements.items() if len(a.objects) > i}
        if not objects:
            return
        rows, upright = list(objects), torch.zeros(len(objects), device=device)
        drawn = bank.place(
            torch.tensor([o.number for o in objects.values()], device=device),
            torch.tensor([(o.x, o.y) for o in objects.values()], device=device),
            torch.tensor([o.half for o in objects.values()], device=device),
            upright, upright.bool(), size, tints[rows],
        )  # fmt: skip
        main[rows] = drawn + main[rows] * (1 - drawn[:, 3:])


def over(top: Tensor, below: Tensor) -> Tensor:
    """Premultiplied RGBA over RGB."""
    return top[:, :3] + below * (1 - top[:, 3:])


def soft_shadow(alpha: Tensor) -> Tensor:
    """The shape, lowered and blurred."""
    size = alpha.shape[-1]
    drop, reach = max(1, size // 32), max(1, size // 40)
    lowered = F.pad(alpha, (0, 0, drop, 0))[:, :, :size]
    return F.avg_pool2d(lowered, 2 * reach + 1, stride=1, padding=reach)
