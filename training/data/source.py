"""What is said about a package that pictures come from, and about the style its pictures have."""

from dataclasses import dataclass

CC_BY = (
    "Graphics licensed under CC-BY {version}, https://creativecommons.org/licenses/by/{version}/. "
    "Used as training pictures, scaled and composed into scenes."
)


@dataclass(frozen=True)
class Source:
    package: str  # name and exact version, as the registry writes them
    title: str
    licence: str  # SPDX identifier
    notice: str  # goes into ATTRIBUTION.md word for word
    registry: str = "npm"  # or "debian" or "pypi"


@dataclass(frozen=True)
class IconNames:
    """Which icons of a set are pictures of things, and what of their names is a label."""

    ending: str = ""  # only icons with this ending, which is no part of the label
    other_endings: tuple[str, ...] = ()  # the same drawing in another weight: left out
    categories: tuple[str, ...] = ()  # of the set's metadata; empty: all
    most_words: int = 3


@dataclass(frozen=True)
class Style:
    name: str  # the word a prompt can name the style by
    source: Source
    held_out: bool = False  # never trained on, only measured with
    icons: IconNames | None = None  # None: an emoji set, whose pictures are matched to the labels
    monochrome: bool = False  # black on nothing: drawn in any colour when a scene is composed


@dataclass(frozen=True)
class Texture:
    path: str  # inside the package
    name: str  # as a caption says it after "on"; {colour} where it can be tinted
