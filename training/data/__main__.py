"""python -m training.data: fetches the artwork, renders it, and writes sprites.zip and ATTRIBUTION.md."""

import argparse
import json
import subprocess
from pathlib import Path

from training.data.attribution import write_attribution
from training.data.concepts import match_icons, read_concepts
from training.data.fetch import fetch_package
from training.data.sources import LABELS, STYLES
from training.data.sprite_cache import ConceptWords, Sprite, SpriteIndex, write_sprite_cache
from training.run_folder import add_run_arguments, run_folder

# Eight styles of some 1,500 concepts at this side and quality stay under 60 MB.
SIDE = 160
QUALITY = 88
# Enough to go through every step, small enough to render in seconds.
TINY_CONCEPTS = ("dog-face", "red-apple", "rocket", "house")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_run_arguments(parser)
    parser.add_argument(
        "--styles", help="comma-separated style names; default all", default=",".join(style.name for style in STYLES)
    )
    parser.add_argument("--side", type=int, default=SIDE, help="of the pictures, in pixels")
    parser.add_argument("--quality", type=int, default=QUALITY, help="of their WebP compression")
    arguments = parser.parse_args()
    folder = run_folder(arguments)
    packages, rendered = folder / "packages", folder / f"rendered-{arguments.side}-{arguments.quality}"
    packages.mkdir(exist_ok=True)
    rendered.mkdir(exist_ok=True)

    concepts = read_concepts(fetch_package(LABELS.package, packages))
    if arguments.tiny:
        concepts = [concept for concept in concepts if concept.key in TINY_CONCEPTS]
    styles = [style for style in STYLES if style.name in arguments.styles.split(",")]

    sprites, jobs = [], []
    for style in styles:
        for key, svg in match_icons(fetch_package(style.source.package, packages), concepts).items():
            sprite = Sprite(key, style.name, f"{style.name}-{key}.webp")
            sprites.append(sprite)
            if not (rendered / sprite.file).exists():
                jobs.append(json.dumps({"svg": svg, "out": str(rendered / sprite.file)}))
        print(f"{style.name}: {sum(s.style == style.name for s in sprites)} pictures ({style.source.licence})", flush=True)

    if jobs:
        renderer = Path(__file__).with_name("render.mjs")
        subprocess.run(
            ["node", str(renderer), str(arguments.side), str(arguments.quality)], input="\n".join(jobs), text=True, check=True
        )

    sprites = [sprite for sprite in sprites if (rendered / sprite.file).exists()]
    drawn = {sprite.concept for sprite in sprites}
    words = {c.key: ConceptWords(c.label, c.tags, c.group) for c in concepts if c.key in drawn}
    held_out = [style.name for style in styles if style.role == "held-out"]
    write_sprite_cache(folder / "sprites.zip", SpriteIndex(arguments.side, sprites, words, held_out), rendered)
    write_attribution(folder / "ATTRIBUTION.md", [style.source for style in styles] + [LABELS])
    size = (folder / "sprites.zip").stat().st_size / 1e6
    print(f"{folder / 'sprites.zip'}: {len(sprites)} pictures of {len(drawn)} concepts, {size:.1f} MB")


if __name__ == "__main__":
    main()
