"""Concepts: the same thing drawn in several styles, with the words people use for it."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

# Emojibase's numbers for flags, and for the parts that only exist to be combined.
LEFT_OUT_GROUPS = {2, 9}
# Of concepts that no emoji shows.
NO_GROUP = -1


@dataclass(frozen=True)
class Concept:
    key: str  # the label as a slug: "red-apple"
    label: str
    tags: tuple[str, ...]
    group: int
    hexcode: str


@dataclass(frozen=True)
class Drawing:
    key: str  # of its concept
    label: str
    tags: tuple[str, ...]
    svg: str  # a complete document


def slug(label: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", label.lower().replace("’", "").replace("'", "")).strip("-")


def read_concepts(emojibase: Path) -> list[Concept]:
    """Every emoji without its skin-tone variants and without flags."""
    entries = json.loads((emojibase / "en" / "data.json").read_text())
    return [
        Concept(slug(entry["label"]), entry["label"].lower(), tuple(entry.get("tags", ())), entry["group"], entry["hexcode"])
        for entry in entries
        if entry.get("group") is not None and entry["group"] not in LEFT_OUT_GROUPS
    ]


def match_icons(iconify: Path, concepts: list[Concept]) -> list[Drawing]:
    """The concepts that one Iconify set draws, found by code point, then by name, then by squashed name."""
    icons = json.loads((iconify / "icons.json").read_text())
    characters = json.loads((iconify / "chars.json").read_text()) if (iconify / "chars.json").exists() else {}
    drawn = icons["icons"] | {name: icons["icons"].get(alias["parent"]) for name, alias in icons.get("aliases", {}).items()}
    squashed = {name.replace("-", ""): name for name in drawn}

    found: dict[str, Drawing] = {}
    for concept in concepts:
        by_code = characters.get(concept.hexcode.lower().replace("-fe0f", ""))
        name = next((n for n in (by_code, concept.key, squashed.get(concept.key.replace("-", ""))) if n and drawn.get(n)), None)
        if name is not None:
            found[concept.key] = Drawing(concept.key, concept.label, concept.tags, iconify_drawing(icons, drawn[name]))
    return list(found.values())


def iconify_drawing(icons: dict, icon: dict) -> str:
    """A complete SVG document. `icons`: the set, which holds what its icons have in common."""
    width, height = icons.get("width", 16), icons.get("height", 16)
    box = f"{icon.get('left', 0)} {icon.get('top', 0)} {icon.get('width', width)} {icon.get('height', height)}"
    namespaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f'<svg {namespaces} viewBox="{box}" width="256" height="256">{icon["body"]}</svg>'
