"""Open Clip Art: drawings by many hands, each file with a title, keywords and its own licence statement."""

import re
from pathlib import Path
from xml.etree import ElementTree

from training.data.concepts import Drawing, slug
from training.data.source import IconNames
from training.data.words import is_telling

FOLDER = "usr/share/openclipart/svg"
DUBLIN = "{http://purl.org/dc/elements/1.1/}"
CREATIVE = "{http://web.resource.org/cc/}"
RESOURCE = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}resource"
ITEM = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}li"
PUBLIC_DOMAIN = "PublicDomain"
MOST_WORDS = 3
# Larger files are traced photographs, slow to draw.
MOST_BYTES = 300_000
# Road signs, playing cards and flags: many alike, and their titles say little.
LEFT_OUT = ("sign", "symbol", "card", "flag", "chess", "nude", "weapon")


def choose_clipart(package: Path, names: IconNames, vocabulary: set[str]) -> list[Drawing]:
    """Drawings whose title, or else first telling keyword, is made of words in `vocabulary`: half of the titles are foreign."""
    found = []
    for category in names.categories:
        for path in sorted((package / FOLDER / category).rglob("*.svg")):
            if any(word in str(path.relative_to(package)) for word in LEFT_OUT) or path.stat().st_size > MOST_BYTES:
                continue
            svg = path.read_text(errors="replace")
            drawing = read_drawing(svg, vocabulary)
            if drawing:
                found.append(drawing)
    return found


def read_drawing(svg: str, vocabulary: set[str]) -> Drawing | None:
    try:
        root = ElementTree.fromstring(svg)
    except ElementTree.ParseError:
        return None
    licences = [element.get(RESOURCE, "") for element in root.iter(f"{CREATIVE}license")]
    if not licences or not all(licence.endswith(PUBLIC_DOMAIN) for licence in licences):
        return None
    titles = [element.text or "" for element in root.iter(f"{DUBLIN}title")]
    keywords = [element.text or "" for element in root.iter(ITEM)]
    known = [text for text in map(plain_words, [*titles[:1], *keywords]) if is_telling(text, MOST_WORDS, vocabulary)]
    if not known:
        return None
    return Drawing(slug(known[0]), known[0], tuple(dict.fromkeys(known[1:])), svg)


def plain_words(title: str) -> str:
    """A title without its author, numbers and brackets: "Clipart by Nicu Buculei - pear" is a pear."""
    title = re.sub(r"\(.*?\)", "", title.split(" - ")[-1].lower().replace("_", " "))
    return " ".join(re.sub(r"[^a-z ]", " ", title).split())
