"""Which artwork a training draws on, how often, and what its captions call things: alike for a denoiser and its student."""

import argparse
from dataclasses import dataclass
from pathlib import Path

import torch

from training.scenes.captions import Captions
from training.scenes.concept_list import read_concept_list
from training.scenes.first_tries import concepts_of, names_people_use, practice_of, read_first_tries, read_right
from training.scenes.sprite_bank import Emphasis, SpriteBank

# How often a picture is drawn that is not in one of the main styles, one that is being 1.
OTHER_STYLES = 0.3


def add_artwork_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--styles", default=None, help="comma-separated; default all but the held-out ones")
    parser.add_argument("--concepts", default=None, help="a file with one concept key a line; default all")
    parser.add_argument("--first-tries", type=float, default=0.0, help="share of scenes with what people type first")
    parser.add_argument("--practise", default=None, help="an evaluation's numbers.json: first tries it got wrong are drawn more")
    parser.add_argument(
        "--main-styles", default=None, help="comma-separated: drawn most, and those a caption may leave unsaid; default all"
    )


@dataclass(frozen=True)
class Artwork:
    bank: SpriteBank
    first_names: dict[str, tuple[str, ...]]  # what people ask for some concepts by
    said_styles: frozenset[str]  # those that every caption names

    def captions(self, seed: int) -> Captions:
        return Captions(self.bank.words, self.bank.concepts, seed, self.first_names, self.said_styles)


def read_artwork(arguments: argparse.Namespace, folder: Path, device: torch.device) -> Artwork:
    """As `add_artwork_arguments` has it, large enough for `size` and `refine_size`.

    Raises ValueError where a style or a concept is not in the run's artwork, or `--practise` names other numbers, or has no
    first tries to weigh.
    """
    if arguments.practise and not arguments.first_tries:
        raise ValueError("--practise weighs what --first-tries draws, and that is nothing: say their share too.")
    tries = read_first_tries() if arguments.first_tries else []
    right = read_right(Path(arguments.practise)) if arguments.practise else None
    concepts = read_concept_list(Path(arguments.concepts)) if arguments.concepts else None
    main_styles = tuple(arguments.main_styles.split(",")) if arguments.main_styles else ()
    bank = SpriteBank(
        folder / "sprites.zip",
        arguments.styles.split(",") if arguments.styles else None,
        list(dict.fromkeys([*concepts, *concepts_of(tries)])) if concepts else None,
        device,
        side=max(arguments.size, arguments.refine_size),
        emphasis=Emphasis(practice_of(tries, right), arguments.first_tries, main_styles, OTHER_STYLES),
    )
    said = frozenset(bank.styles) - frozenset(main_styles) if main_styles else frozenset[str]()
    return Artwork(bank, names_people_use(tries), said)
