"""python -m training.data: fetches the artwork, renders it, and writes sprites.zip and ATTRIBUTION.md."""

import argparse
import hashlib
import json
import subprocess
from pathlib import Path

from training.data.attribution import write_attribution
from training.data.clipart import choose_clipart
from training.data.concepts import NO_GROUP, Concept, Drawing, match_icons, read_concepts
from training.data.emoji_sets import EMOJI_STYLES
from training.data.fetch import fetch_if_possible, fetch_package
from training.data.icons import choose_icons
from training.data.known import require_known
from training.data.source import Style
from training.data.sources import CLIPART, LABELS, STYLES, TEXTURES
from training.data.sprite_cache import ConceptWords, Sprite, SpriteIndex, TexturePicture, write_sprite_cache
from training.data.textures import write_texture
from training.data.words import vocabulary_of
from training.run_folder import add_run_arguments, run_folder
from training.scenes.concept_list import read_concept_list
from training.scenes.first_tries import concepts_of, read_first_tries

# All styles at this side and quality stay under 100 MB, the emoji sets alone under 65.
SIDE = 160
QUALITY = 88
# Enough to go through every step, small enough to render in seconds.
TINY_CONCEPTS = ("dog-face", "red-apple", "rocket", "house")
TINY_STYLES = EMOJI_STYLES


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_run_arguments(parser)
    parser.add_argument("--styles", default=None, help="comma-separated style names; default all")
    parser.add_argument(
        "--concepts", default=None, help="a file with one concept key a line, which first tries join; default all"
    )
    parser.add_argument("--side", type=int, default=SIDE, help="of the pictures, in pixels")
    parser.add_argument("--quality", type=int, default=QUALITY, help="of their WebP compression")
    arguments = parser.parse_args()
    asked = arguments.styles.split(",") if arguments.styles else [s.name for s in (TINY_STYLES if arguments.tiny else STYLES)]
    require_known("styles", asked, [style.name for style in STYLES])
    styles = [style for style in STYLES if style.name in asked]
    folder = run_folder(arguments)
    packages, rendered = folder / "packages", folder / f"rendered-{arguments.side}-{arguments.quality}"
    packages.mkdir(exist_ok=True)
    rendered.mkdir(exist_ok=True)

    concepts = read_concepts(fetch_package(LABELS, packages))
    vocabulary = vocabulary_of(concepts)
    wanted = wanted_concepts(arguments.concepts)
    if arguments.tiny:
        concepts = [concept for concept in concepts if concept.key in TINY_CONCEPTS]

    words = {c.key: ConceptWords(c.label, c.tags, c.group) for c in concepts}
    sprites, jobs, sources = [], [], [LABELS]
    for style in styles:
        drawings = list(dict.fromkeys(draw_style(style, packages, concepts, vocabulary)))
        drawings = [drawing for drawing in drawings if wanted is None or drawing.key in wanted]
        sources += [style.source] if drawings else []
        for drawing in drawings:
            # Clip art draws some things more than once.
            digest = f"{hashlib.sha256(drawing.svg.encode()).hexdigest()[:8]}-" if style is CLIPART else ""
            sprite = Sprite(drawing.key, style.name, f"{style.name}-{digest}{drawing.key}.webp")
            sprites.append(sprite)
            words.setdefault(drawing.key, ConceptWords(drawing.label, drawing.tags, NO_GROUP))
            if not (rendered / sprite.file).exists():
                jobs.append(json.dumps({"svg": drawing.svg, "out": str(rendered / sprite.file)}))
        print(f"{style.name}: {len(drawings)} pictures ({style.source.licence})", flush=True)

    if jobs:
        renderer = Path(__file__).with_name("render.mjs")
        subprocess.run(
            ["node", str(renderer), str(arguments.side), str(arguments.quality)], input="\n".join(jobs), text=True, check=True
        )

    textures = []
    for source, pictures in {} if arguments.tiny else TEXTURES.items():
        if (package := fetch_if_possible(source, packages)) is None:
            continue
        sources.append(source)
        for texture in pictures:
            file = f"texture-{Path(texture.path).stem.replace(' ', '-')}.webp"
            write_texture(package / texture.path, rendered / file, arguments.quality)
            textures.append(TexturePicture(file, texture.name))

    sprites = [sprite for sprite in sprites if (rendered / sprite.file).exists()]
    drawn = {sprite.concept for sprite in sprites}
    index = SpriteIndex(
        arguments.side,
        sprites,
        {key: value for key, value in words.items() if key in drawn},
        [style.name for style in styles if style.held_out],
        [style.name for style in styles if style.monochrome],
        textures,
    )
    write_sprite_cache(folder / "sprites.zip", index, rendered)
    write_attribution(folder / "ATTRIBUTION.md", sources)
    size = (folder / "sprites.zip").stat().st_size / 1e6
    print(
        f"{folder / 'sprites.zip'}: {len(sprites)} pictures of {len(drawn)} concepts, {len(textures)} textures, {size:.1f} MB"
    )


def wanted_concepts(file: str | None) -> set[str] | None:
    """The listed concepts and those that answer first tries; None for all."""
    return {*read_concept_list(Path(file)), *concepts_of(read_first_tries())} if file else None


def draw_style(style: Style, packages: Path, concepts: list[Concept], vocabulary: set[str]) -> list[Drawing]:
    package = fetch_if_possible(style.source, packages)
    if package is None:
        return []
    if style.icons is None:
        return match_icons(package, concepts)
    if style is CLIPART:
        return choose_clipart(package, style.icons, vocabulary)
    return choose_icons(package, style.icons, vocabulary)


if __name__ == "__main__":
    main()
