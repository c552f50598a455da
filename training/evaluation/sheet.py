"""Contact sheets: rows of pictures, and under each column its text, if there is any."""

import textwrap
from pathlib import Path

from PIL import Image, ImageDraw
from torch import Tensor

CAPTION_HEIGHT = 14
LETTER_WIDTH = 6  # of Pillow's built-in font, pixels


def write_sheet(
    path: Path,
    rows: list[list[Tensor]],
    labels: list[str],
    columns: int = 12,
    tile: int = 128,
    lines: int = 1,
    whole: bool = False,
) -> None:
    """`rows`: pictures [3, H, W] in −1..1; the first `columns` of each row are shown, or with `whole` all, in blocks of rows.

    `lines`: how many a label may have.
    """
    columns = min(columns, len(rows[0]))
    captions = lines * CAPTION_HEIGHT if any(labels) else 0
    starts = range(0, len(rows[0]), columns) if whole else (0,)
    block = len(rows) * tile + captions
    sheet = Image.new("RGB", (columns * tile, len(starts) * block), "white")
    pen = ImageDraw.Draw(sheet)
    for i, start in enumerate(starts):
        for y, row in enumerate(rows):
            for x, picture in enumerate(row[start : start + columns]):
                pixels = ((picture.clamp(-1, 1) + 1) * 127.5).round().byte().permute(1, 2, 0).numpy()
                place = (x * tile, i * block + y * tile)
                sheet.paste(Image.fromarray(pixels).resize((tile, tile), Image.Resampling.LANCZOS), place)
        for x, label in enumerate(labels[start : start + columns]):
            wrapped = textwrap.wrap(label, tile // LETTER_WIDTH)[:lines] if lines > 1 else [label[: tile // LETTER_WIDTH]]
            pen.text((x * tile + 2, i * block + len(rows) * tile + 1), "\n".join(wrapped), fill="black", spacing=1)
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(path)
