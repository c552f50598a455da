"""The artwork in memory: every picture at three sizes, and which concept and style it is."""

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from training.data.sprite_cache import ConceptWords, read_sprite_index, read_sprite_pixels

LEVELS = 3


class SpriteBank:
    def __init__(
        self, cache: Path, styles: list[str] | None, concepts: list[str] | None, device: torch.device | str, side: int = 0
    ):
        """`styles` and `concepts`: what to load, or None for all but the held-out styles. `side`: 0 for the cache's own."""
        index = read_sprite_index(cache)
        wanted_styles = set(styles or {sprite.style for sprite in index.sprites} - set(index.held_out_styles))
        wanted_concepts = set(concepts or index.words)
        self.sprites = [s for s in index.sprites if s.style in wanted_styles and s.concept in wanted_concepts]
        self.words: dict[str, ConceptWords] = index.words
        self.concepts = sorted({sprite.concept for sprite in self.sprites})
        self.styles = sorted({sprite.style for sprite in self.sprites})
        self.side = min(side or index.side, index.side)
        pixels = torch.from_numpy(read_sprite_pixels(cache, self.sprites, self.side)).to(device)
        # uint8 [count, 4, side, side], [count, 4, side/2, side/2], … premultiplied
        self.levels = [pixels]
        for _ in range(LEVELS - 1):
            self.levels.append(halve(self.levels[-1]))
        numbers = {concept: i for i, concept in enumerate(self.concepts)}
        self.concept_numbers = torch.tensor([numbers[s.concept] for s in self.sprites], device=device)
        self.style_numbers = torch.tensor([self.styles.index(s.style) for s in self.sprites], device=device)

    def place(self, numbers: Tensor, centres: Tensor, sizes: Tensor, angles: Tensor, mirrored: Tensor, size: int) -> Tensor:
        """Draws one picture a sample onto an empty square. Premultiplied RGBA [batch, 4, size, size] in 0..1.

        numbers [batch]; centres [batch, 2] in −1..1; sizes [batch], 1 = as large as the square; angles in radians.
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
        return placed


def halve(pixels: Tensor) -> Tensor:
    """In chunks: the full set in floating point would be four times its size."""
    return torch.cat([F.avg_pool2d(chunk.float(), 2).round().byte() for chunk in pixels.split(256)])
