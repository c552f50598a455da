"""One file with every picture the trainings use: a zip of `index.json` and the pictures as WebP."""

import io
import json
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from PIL import Image


@dataclass(frozen=True)
class Sprite:
    concept: str
    style: str
    file: str


@dataclass(frozen=True)
class ConceptWords:
    label: str
    tags: tuple[str, ...]
    group: int


@dataclass(frozen=True)
class SpriteIndex:
    side: int  # pixels
    sprites: list[Sprite]
    words: dict[str, ConceptWords]
    held_out_styles: list[str]


def write_sprite_cache(path: Path, index: SpriteIndex, folder: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:  # WebP is compressed already
        archive.writestr("index.json", json.dumps(asdict(index)))
        for sprite in index.sprites:
            archive.write(folder / sprite.file, sprite.file)


def read_sprite_index(path: Path) -> SpriteIndex:
    with zipfile.ZipFile(path) as archive:
        data = json.loads(archive.read("index.json"))
    return SpriteIndex(
        data["side"],
        [Sprite(**sprite) for sprite in data["sprites"]],
        {key: ConceptWords(words["label"], tuple(words["tags"]), words["group"]) for key, words in data["words"].items()},
        data["held_out_styles"],
    )


def read_sprite_pixels(path: Path, sprites: list[Sprite], side: int) -> np.ndarray:
    """Premultiplied RGBA, uint8 [count, 4, side, side]: premultiplied so that scaling never bleeds hidden colours in."""
    pixels = np.empty((len(sprites), 4, side, side), np.uint8)
    with zipfile.ZipFile(path) as archive:
        for i, sprite in enumerate(sprites):
            image = Image.open(io.BytesIO(archive.read(sprite.file))).convert("RGBA")
            if image.size != (side, side):
                image = image.convert("RGBa").resize((side, side), Image.Resampling.BOX)  # RGBa is premultiplied
            else:
                image = image.convert("RGBa")
            pixels[i] = np.frombuffer(image.tobytes(), np.uint8).reshape(side, side, 4).transpose(2, 0, 1)
    return pixels
