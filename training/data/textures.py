"""Photographs of surfaces, to lay artwork on."""

from pathlib import Path

from PIL import Image, ImageOps

SIDE = 320  # pixels: scenes show a part of it, at most as large as they are


def write_texture(source: Path, out: Path, quality: int) -> None:
    """The middle square, as WebP."""
    if not out.exists():
        picture = ImageOps.fit(Image.open(source).convert("RGB"), (SIDE, SIDE), Image.Resampling.LANCZOS)
        picture.save(out, quality=quality, method=4)
