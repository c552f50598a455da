"""One file with every picture the trainings use: a zip of `index.json` and the pictures as WebP."""

import io
import json
import zipfile
from dataclasses import asdict, dataclass, field
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
class TexturePicture:
    file: str
    name: str  # as a caption says it after "on"; {colour} where it can be tinted


@dataclass(frozen=True)
class SpriteIndex:
    side: int  # pixels
    sprites: list[Sprite]
    words: dict[str, ConceptWords]
    held_out_styles: list[str]
    monochrome_styles: list[str] = field(default_factory=list)  # black on nothing, to be drawn in any colour
    textures: list[TexturePicture] = field(default_factory=list)


def write_sprite_cache(path: Path, index: SpriteIndex, folder: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:  # WebP is compressed already
        archive.writestr("index.json", json.dumps(asdict(index)))
        for sprite in index.sprites:
            archive.write(folder / sprite.file, sprite.file)
        for texture in index.textures:
            archive.write(folder / texture.file, texture.file)


def read_sprite_index(path: Path) -> SpriteIndex:
    with zipfile.ZipFile(path) as archive:
        data = json.loads(archive.read("index.json"))
    return SpriteIndex(
        data["side"],
        [Sprite(**sprite) for sprite in data["sprites"]],
        {key: ConceptWords(words["label"], tuple(words["tags"]), words["group"]) for key, words in data["words"].items()},
        data["held_out_styles"],
        data.get("monochrome_styles", []),  # a cache of colour artwork alone may lack these two
        [TexturePicture(**texture) for texture in data.get("textures", [])],
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


def read_texture_pixels(path: Path, textures: list[TexturePicture]) -> np.ndarray:
    """RGB, uint8 [count, 3, side, side]."""
    with zipfile.ZipFile(path) as archive:
        pictures = [Image.open(io.BytesIO(archive.read(texture.file))).convert("RGB") for texture in textures]
    return np.stack([np.asarray(picture).transpose(2, 0, 1) for picture in pictures] or [np.empty((3, 1, 1), np.uint8)])[
        : len(textures)
    ]
