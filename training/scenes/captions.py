"""Captions in the words people type."""

import random
from collections import Counter

from training.data.sprite_cache import ConceptWords

# A tag that names more things than this says too little about any of them.
MOST_CONCEPTS_A_TAG = 2
# Words around the thing that mean nothing to the picture; prompts are full of them.
OPENINGS = ("", "", "", "", "a picture of ", "an illustration of ", "an icon of ", "draw ", "add ", "a cute ", "one ")
# Words that mean nothing either, strewn in anywhere, so that a word never seen before does no harm.
FILLERS = (
    "the my your our some any this that very really nice lovely beautiful pretty fresh little tiny big large huge simple clean modern "
    "happy funny new old just only also maybe like make create show place give me us with for of in at near by to from and "
    "colorful bright soft detailed high quality style design art drawing image graphic logo clipart emoji symbol object item thing"
).split()
FILLED = 0.3
STYLE_PLACES = ("{thing}, {style} style", "{thing} in {style} style", "{style} {bare}")


class Captions:
    def __init__(self, words: dict[str, ConceptWords], concepts: list[str], seed: int):
        self.random = random.Random(seed)
        counts = Counter(tag for entry in words.values() for tag in entry.tags)
        labels = {entry.label for entry in words.values()}
        self.names = {
            concept: names_of(
                words[concept], {t for t in words[concept].tags if counts[t] <= MOST_CONCEPTS_A_TAG and t not in labels}
            )
            for concept in concepts
        }

    def name(self, concept: str) -> str:
        """Mostly the label, else another name of it."""
        names = self.names[concept]
        return names[0] if self.random.random() < 0.7 else self.random.choice(names)

    def thing(self, concept: str, style: str) -> str:
        bare = self.name(concept)
        if self.random.random() < FILLED:
            return self.strewn(with_article(bare) if self.random.random() < 0.7 else bare)
        opening = self.random.choice(OPENINGS)
        thing = opening + bare if opening.endswith(("cute ", "one ")) else opening + with_article(bare)
        if self.random.random() < 0.4:
            return self.random.choice(STYLE_PLACES).format(thing=thing, bare=bare, style=style)
        return thing

    def strewn(self, thing: str) -> str:
        """The thing with one to three fillers before or after it."""
        words = [thing]
        for _ in range(self.random.randint(1, 3)):
            words.insert(self.random.choice((0, len(words))), self.random.choice(FILLERS))
        return " ".join(words)

    def scene(self, concept: str, style: str, ground: str) -> str:
        thing = self.thing(concept, style)
        return f"{thing} on {ground}" if self.random.random() < 0.5 else thing


def names_of(words: ConceptWords, telling_tags: set[str]) -> list[str]:
    short = words.label.removesuffix(" face").removesuffix(" button")
    names = [words.label] if short == words.label else [short, words.label]
    return names + sorted(telling_tags - set(names))


def with_article(name: str) -> str:
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
