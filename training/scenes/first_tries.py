"""What people type first, and which concepts answer it: a list that trainings give more room and evaluations ask for."""

from dataclasses import dataclass
from pathlib import Path

from training.scenes.grammar import without_article

FIRST_TRIES = Path(__file__).with_name("first-tries.txt")


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


def plainest_of(tries: list[FirstTry]) -> list[str]:
    """The two answers to each prompt that come to mind first, each once."""
    return list(dict.fromkeys(concept for each in tries for concept in each.concepts[:2]))


def names_people_use(tries: list[FirstTry]) -> dict[str, tuple[str, ...]]:
    """What the plainest answers are called, without an article: hot-beverage → "coffee cup"."""
    names: dict[str, tuple[str, ...]] = {}
    for each in tries:
        plainest = each.concepts[0]
        names[plainest] = (*names.get(plainest, ()), without_article(each.prompt))
    return names
