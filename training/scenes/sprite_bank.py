"""The artwork in memory: every picture at three sizes, and which concept and style it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from training.data.known import require_known
from training.data.sprite_cache import ConceptWords, Sprite, read_sprite_index, read_sprite_pixels, read_texture_pixels
from training.scenes.colours import colour_names, nearest_named, says_a_colour
from training.scenes.dice import Dice

LEVELS = 3
# A picture has a colour if this share of it lies this near to one named colour.
ONE_COLOUR, NEAR = 0.6, 0.25


@dataclass(frozen=True)
class Emphasis:
    """What is drawn more often than the rest."""

    concepts: Mapping[str, float] = field(default_factory=dict)  # and how often each relative to the others
    share: float = 0.0  # of all draws that are of these concepts
    styles: tuple[str, ...] = ()  # empty: all alike
    other_styles: float = 1.0  # how often a picture in another style is drawn, one in these being 1


class SpriteBank:
    def __init__(
        self, cache: Path, styles: list[str] | None, concepts: list[str] | None, device: torch.device | str, side: int = 0,
        emphasis: Emphasis = Emphasis(),
    ):  # fmt: skip
        """`styles` and `concepts`: what to load, or None for all but the held-out styles. `side`: 0 for the cache's own.

        Raises ValueError where one of them is not in the cache.
        """
        index = read_sprite_index(cache)
        drawn_styles = {sprite.style for sprite in index.sprites}
        require_known("styles", styles or (), drawn_styles | set(index.held_out_styles))
        require_known("concepts", concepts or (), index.words)
        wanted_styles = set(styles or drawn_styles - set(index.held_out_styles))
        wanted_concepts = set(concepts or index.words)
        self.words: dict[str, ConceptWords] = index.words
        # A monochrome picture of a blue heart is drawn in any colour but blue.
        coloured = {concept for concept, words in index.words.items() if says_a_colour(words.label)}
        self.sprites = [
            s for s in index.sprites
            if s.style in wanted_styles and s.concept in wanted_concepts
            and not (s.style in index.monochrome_styles and s.concept in coloured)
        ]  # fmt: skip
        self.concepts = sorted({sprite.concept for sprite in self.sprites})
        self.styles = sorted({sprite.style for sprite in self.sprites})
        self.by_style: dict[str, list[int]] = {style: [] for style in self.styles}
        self.by_concept: dict[str, list[int]] = {concept: [] for concept in self.concepts}
        for number, sprite in enumerate(self.sprites):
            self.by_style[sprite.style].append(number)
            self.by_concept[sprite.concept].append(number)
        self.side = min(side or index.side, index.side)
        pixels = torch.from_numpy(read_sprite_pixels(cache, self.sprites, self.side)).to(device)
        # uint8 [count, 4, side, side], [count, 4, side/2, side/2], … premultiplied
        self.levels = [pixels]
        for _ in range(LEVELS - 1):
            self.levels.append(halve(self.levels[-1]))
        numbers = {concept: i for i, concept in enumerate(self.concepts)}
        self.concept_numbers = torch.tensor([numbers[s.concept] for s in self.sprites], device=device)
        self.style_numbers = torch.tensor([self.styles.index(s.style) for s in self.sprites], device=device)
        self.monochrome = torch.tensor([s.style in index.monochrome_styles for s in self.sprites], device=device)
        self.chances = draw_chances(self.sprites, emphasis).to(device)  # [count], in sum 1
        self.main_colours = main_colours(self.levels[-1])
        self.textures = torch.from_numpy(read_texture_pixels(cache, index.textures)).to(device)  # uint8 [count, 3, side, side]
        self.texture_names = [texture.name for texture in index.textures]

    def draw(self, dice: Dice, count: int) -> Tensor:
        """Numbers of pictures, int64 [count], as the bank's emphasis has it."""
        return torch.multinomial(self.chances, count, replacement=True, generator=dice.generator)

    def colour_of(self, number: int, tint: str) -> str | None:
        """The one word for a picture's colour, where one will do. `tint`: what a monochrome picture is drawn in."""
        return tint if self.monochrome[number] else self.main_colours[number]

    def in_other_styles(self, numbers: Tensor, dice: Dice) -> Tensor:
        """For each picture another of the same concept in another style, or itself where there is none."""
        chosen = []
        for number, roll in zip(numbers.tolist(), dice.uniform(len(numbers)).tolist()):
            style = self.sprites[number].style
            others = [i for i in self.by_concept[self.sprites[number].concept] if self.sprites[i].style != style] or [number]
            chosen.append(others[int(roll * len(others))])
        return torch.tensor(chosen, dtype=torch.long, device=numbers.device)

    def place(self, numbers: Tensor, centres: Tensor, sizes: Tensor, angles: Tensor, mirrored: Tensor, size: int,
              tints: Tensor | None = None) -> Tensor:  # fmt: skip
        """Draws one picture a sample onto an empty square. Premultiplied RGBA [batch, 4, size, size] in 0..1.

        numbers [batch]; centres [batch, 2] in −1..1; sizes [batch], 1 = as large as the square; angles in radians;
        tints [batch, 3]: what monochrome pictures are drawn in instead of black.
        """
        flip = 1 - 2 * mirrored.float()
        cos, sin = angles.cos() / sizes, angles.sin() / sizes
        rows = torch.stack([torch.stack([cos * flip, sin * flip], 1), torch.stack([-sin, cos], 1)], 1)  # [batch, 2, 2]
        shift = -(rows @ centres[:, :, None])
        theta = torch.cat([rows, shift], dim=2)  # output −1..1 → picture −1..1

        placed = torch.empty(len(numbers), 4, size, size, device=numbers.device)
        ratio = self.side / (sizes * size).clamp(min=1)  # picture pixels a scene pixel
        level = ratio.log2().round().clamp(0, LEVELS - 1).long()
        for i, pictures in enumerate(self.levels):
            chosen = (level == i).nonzero()[:, 0]
            if len(chosen):
                grid = F.affine_grid(theta[chosen], [len(chosen), 4, size, size], align_corners=False)
                placed[chosen] = F.grid_sample(pictures[numbers[chosen]].float() / 255, grid, align_corners=False)
        tinted = self.monochrome[numbers].nonzero()[:, 0]
        if tints is not None and len(tinted):
            placed[tinted, :3] = tints[tinted, :, None, None] * placed[tinted, 3:]
        return placed


def draw_chances(sprites: list[Sprite], emphasis: Emphasis) -> Tensor:
    """How likely each picture is drawn: [count], in sum 1."""
    by_style = torch.tensor(
        [1.0 if not emphasis.styles or sprite.style in emphasis.styles else emphasis.other_styles for sprite in sprites]
    )
    chances = by_style / by_style.sum()
    keys = {key: i for i, key in enumerate(emphasis.concepts)}
    stressed = torch.tensor([keys.get(sprite.concept, -1) for sprite in sprites])
    if not emphasis.share or not (stressed >= 0).any():
        return chances
    of_concept = torch.zeros(len(keys)).index_add(0, stressed.clamp(min=0), by_style * (stressed >= 0))
    stress = torch.tensor(list(emphasis.concepts.values())) / of_concept.clamp(min=1e-9)
    often = by_style * (stressed >= 0) * stress[stressed.clamp(min=0)]
    return (1 - emphasis.share) * chances + emphasis.share * often / often.sum()


def main_colours(pixels: Tensor) -> list[str | None]:
    """Of each premultiplied RGBA picture, uint8 [count, 4, side, side], the colour most of it has."""
    names = colour_names()
    words = sorted(set(names))
    word_of = torch.tensor([words.index(name) for name in names], device=pixels.device)
    found: list[str | None] = []
    for part in pixels[:, :, 1::4, 1::4].flatten(2).split(256):
        colours, alpha = part[:, :3].float() / 255, part[:, 3] > 200  # [part, 3, pixels], [part, pixels]
        number, distance = nearest_named(colours.transpose(1, 2).reshape(-1, 3))
        near = alpha & (distance.view(alpha.shape) < NEAR)
        votes = F.one_hot(word_of[number].view(alpha.shape), len(words)) * near[:, :, None]
        share, best = (votes.sum(dim=1) / alpha.sum(dim=1, keepdim=True).clamp(min=1)).max(dim=1)
        found += [words[i] if s >= ONE_COLOUR else None for s, i in zip(share.tolist(), best.tolist())]
    return found


def halve(pixels: Tensor) -> Tensor:
    """In chunks: the full set in floating point would be four times its size."""
    return torch.cat([F.avg_pool2d(chunk.float(), 2).round().byte() for chunk in pixels.split(256)])
