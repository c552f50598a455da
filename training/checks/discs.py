"""Artwork of plain shapes to check with."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, ImageDraw

from training.data.sprite_cache import ConceptWords, Sprite, SpriteIndex, TexturePicture, write_sprite_cache
from training.scenes.sprite_bank import SpriteBank

SIDE = 64
# Labels and colours of discs; no colour is part of a label, so that captions may say it.
DISCS = {"ball": (224, 38, 43), "coin": (252, 222, 64), "leaf": (64, 179, 84), "berry": (51, 107, 230)}
STYLES = ("plain", "other", "glyph", "unseen")


@contextmanager
def disc_bank() -> Iterator[SpriteBank]:
    with tempfile.TemporaryDirectory() as name:
        write_discs(Path(name))
        yield SpriteBank(Path(name) / "sprites.zip", None, None, "cpu")


def write_discs(
    folder: Path,
    discs: dict[str, tuple[int, int, int]] = DISCS,
    other: dict[str, tuple[int, int, int]] | None = None,
) -> None:
    """Discs in two colour styles, one monochrome and one held out, and one texture. `other`: the second style's colours."""
    sprites = []
    for style in STYLES:
        for concept, colour in discs.items():
            picture = Image.new("RGBA", (SIDE, SIDE))
            colour = other[concept] if other and style == "other" else colour
            ImageDraw.Draw(picture).ellipse((2, 2, SIDE - 3, SIDE - 3), fill=(0, 0, 0) if style == "glyph" else colour)
            picture.save(folder / f"{style}-{concept}.webp", lossless=True)
            sprites.append(Sprite(concept, style, f"{style}-{concept}.webp"))
    Image.new("RGB", (SIDE, SIDE), (120, 120, 120)).save(folder / "wall.webp")
    words = {concept: ConceptWords(concept, (), 0) for concept in discs}
    index = SpriteIndex(SIDE, sprites, words, ["unseen"], ["glyph"], [TexturePicture("wall.webp", "a {colour} wall")])
    write_sprite_cache(folder / "sprites.zip", index, folder)
