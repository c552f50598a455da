"""Captions in the words people type."""

import random
from collections import Counter

from training.data.sprite_cache import ConceptWords
from training.scenes.colours import says_a_colour
from training.scenes.grammar import with_article

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
# How often a thing's colour is said where it has one.
COLOUR_SAID = 0.35
# Emojibase's number for faces and hearts: "dog face" may be said "dog", but not "crying face" "crying".
SMILEYS = 0


class Captions:
    def __init__(self, words: dict[str, ConceptWords], concepts: list[str], seed: int):
        self.random = random.Random(seed)
        # Only people's own tags say whether a tag is telling: an icon's name is no reason to drop a synonym.
        emoji = [entry for entry in words.values() if entry.group >= 0]
        counts = Counter(tag for entry in emoji for tag in entry.tags)
        labels = {entry.label for entry in emoji}
        self.names = {
            concept: names_of(
                words[concept], {t for t in words[concept].tags if counts[t] <= MOST_CONCEPTS_A_TAG and t not in labels}
            )
            for concept in concepts
        }
        # What to say where the sentence leaves no doubt that it is a noun.
        self.nouns = {c: words[c].label if words[c].group == SMILEYS else self.names[c][0] for c in concepts}

    def name(self, concept: str) -> str:
        """Mostly the label, else another name of it."""
        names = self.names[concept]
        return names[0] if self.random.random() < 0.7 else self.random.choice(names)

    def coloured(self, name: str, colour: str | None) -> str:
        """The name, sometimes with the colour before it."""
        if colour is None or says_a_colour(name) or self.random.random() >= COLOUR_SAID:
            return name
        return f"{colour} {name}"

    def thing(self, concept: str, style: str, colour: str | None = None) -> str:
        bare = self.coloured(self.name(concept), colour)
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

    def placed(self, thing: str, place: str) -> str:
        """Half of the time with what it lies on."""
        return f"{thing} {place}" if self.random.random() < 0.5 else thing


def names_of(words: ConceptWords, telling_tags: set[str]) -> list[str]:
    short = words.label.removesuffix(" face").removesuffix(" button")
    names = [words.label] if short == words.label else [short, words.label]
    return names + sorted(telling_tags - set(names))
