"""What people type first, and which concepts answer it: a list that trainings give more room and evaluations ask for."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from training.scenes.grammar import without_article

FIRST_TRIES = Path(__file__).with_name("first-tries.txt")
# Of a prompt's room in the training, what goes to the first answer that comes to mind; the rest is the second's.
FIRST_ANSWER = 2 / 3
# What is always named right is still practised, a tenth as much as what never is.
LEAST_PRACTICE = 0.1


@dataclass(frozen=True)
class FirstTry:
    prompt: str
    concepts: tuple[str, ...]  # every right answer; the plainest one first


def read_first_tries(path: Path = FIRST_TRIES) -> list[FirstTry]:
    """One `PROMPT = KEY, KEY …` a line; `#` starts a comment."""
    lines = (line.split("#")[0] for line in path.read_text().splitlines())
    pairs = (line.split("=") for line in lines if line.strip())
    return [FirstTry(prompt.strip(), tuple(key.strip() for key in keys.split(","))) for prompt, keys in pairs]


def concepts_of(tries: list[FirstTry]) -> list[str]:
    """Each once, in the order of the prompts."""
    return list(dict.fromkeys(concept for each in tries for concept in each.concepts))


def practice_of(tries: list[FirstTry], right: Mapping[str, float] | None = None) -> dict[str, float]:
    """How much room the two answers to each prompt that come to mind first are to have, relative to one another.

    `right`: how often a pack was right about a prompt, 0..1; what it got wrong gets more. None: all prompts alike.
    """
    practice: dict[str, float] = {}
    for each in tries:
        need = 1.0 if right is None else max(LEAST_PRACTICE, 1 - right.get(each.prompt, 0.0))
        shares = (FIRST_ANSWER, 1 - FIRST_ANSWER) if len(each.concepts) > 1 else (1.0,)
        for concept, share in zip(each.concepts, shares):
            practice[concept] = practice.get(concept, 0.0) + share * need
    return practice


def read_right(path: Path) -> dict[str, float]:
    """How often each prompt was right, by the numbers that an evaluation wrote. Raises ValueError where they are not in it."""
    numbers = json.loads(path.read_text())
    if "first_tries_by_prompt" not in numbers:
        raise ValueError(f"{path} holds no first tries: write it with python -m training.evaluate --only first_tries")
    return numbers["first_tries_by_prompt"]


def names_people_use(tries: list[FirstTry]) -> dict[str, tuple[str, ...]]:
    """What the plainest answers are called, without an article: hot-beverage → "coffee cup"."""
    names: dict[str, tuple[str, ...]] = {}
    for each in tries:
        plainest = each.concepts[0]
        names[plainest] = (*names.get(plainest, ()), without_article(each.prompt))
    return names
