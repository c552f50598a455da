"""Captions in the words people type."""

import random
from collections import Counter
from collections.abc import Collection, Mapping

from training.data.sprite_cache import ConceptWords
from training.scenes.colours import says_a_colour
from training.scenes.grammar import with_article
from training.scenes.wordings import Wording, Wordings

# A tag that names more things than this says too little about any of them.
MOST_CONCEPTS_A_TAG = 2
STYLE_PLACES = ("{bare}, {style} style", "{bare} in {style} style", "{style} {bare}")
STYLE_SAID = 0.35
# Of captions that are about the style, those that leave the thing to the picture.
STYLE_ALONE = 0.3
STYLE_ALONE_PLACES = ("{style} style", "in {style} style", "in the {style} style")
# Captions that say nothing but the thing; the rest is worded as people word it.
PLAIN = 0.35
# How often a thing goes by the name people ask for it by first, where that is known.
ASKED_FOR = 0.4
# How often a thing's colour is said where it has one.
COLOUR_SAID = 0.35
# Emojibase's number for faces and hearts: "dog face" may be said "dog", but not "crying face" "crying".
SMILEYS = 0


class Captions:
    def __init__(
        self,
        words: dict[str, ConceptWords],
        concepts: list[str],
        seed: int,
        first_names: Mapping[str, tuple[str, ...]] | None = None,
        said_styles: Collection[str] = (),
    ):
        """`first_names`: for some concepts what people ask for them by. `said_styles`: those every caption names."""
        self.random = random.Random(seed)
        self.first_names, self.said_styles = first_names or {}, frozenset(said_styles)
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
        self.wordings = Wordings((word for entry in words.values() for word in entry.label.split()), self.random)
        # What to say where the sentence leaves no doubt that it is a noun.
        self.nouns = {c: words[c].label if words[c].group == SMILEYS else self.names[c][0] for c in concepts}

    def name(self, concept: str) -> str:
        """Mostly the label, else another name of it."""
        if concept in self.first_names and self.random.random() < ASKED_FOR:
            return self.random.choice(self.first_names[concept])
        names = self.names[concept]
        return names[0] if self.random.random() < 0.7 else self.random.choice(names)

    def coloured(self, name: str, colour: str | None) -> str:
        """The name, sometimes with the colour before it."""
        if colour is None or says_a_colour(name) or self.random.random() >= COLOUR_SAID:
            return name
        return f"{colour} {name}"

    def thing(self, concept: str, style: str, colour: str | None = None) -> str:
        bare = self.described(concept, style, colour)
        return with_article(bare) if self.random.random() < PLAIN else self.worded(bare).text

    def described(self, concept: str, style: str, colour: str | None = None) -> str:
        """The thing without an article, sometimes with its colour, sometimes with the style it is drawn in."""
        bare = self.coloured(self.name(concept), colour)
        if style in self.said_styles or self.random.random() < STYLE_SAID:
            return self.random.choice(STYLE_PLACES).format(bare=bare, style=style)
        return bare

    def in_style(self, concept: str, style: str) -> str:
        """The style, mostly with the thing. No colour: the picture has it."""
        roll, choose = self.random.random, self.random.choice
        if roll() < STYLE_ALONE:
            return choose(STYLE_ALONE_PLACES).format(style=style)
        bare = choose(STYLE_PLACES).format(bare=self.name(concept), style=style)
        return with_article(bare) if roll() < PLAIN else self.worded(bare).text

    def worded(self, bare: str) -> Wording:
        return self.wordings.around(bare, with_article(bare).removesuffix(bare).strip())

    def placed(self, thing: str, place: str) -> str:
        """Half of the time with what it lies on."""
        return f"{thing} {place}" if self.random.random() < 0.5 else thing


def names_of(words: ConceptWords, telling_tags: set[str]) -> list[str]:
    short = words.label.removesuffix(" face").removesuffix(" button")
    names = [words.label] if short == words.label else [short, words.label]
    return names + sorted(telling_tags - set(names))
