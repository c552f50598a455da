"""The ways people ask for a thing: openings, adjectives, endings and words never heard before, none of which the picture shows.

A text encoder that has only ever read "a cat" takes "put a cat" for something else, the more so where an unknown word falls
apart into pieces of known ones ("want" into "w" and "ant").
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass

OPENINGS = (
    "a picture of", "an illustration of", "an icon of", "a drawing of", "an image of", "a cartoon of", "a photo of",
    "a painting of", "a logo with", "draw", "draw me", "add", "make", "make it", "create", "generate", "paint", "show",
    "show me", "give me", "insert", "replace it with", "there is", "this is", "it is", "i would like", "i need", "we need",
    "can you draw", "could you add", "let there be", "how about",
)  # fmt: skip
ADJECTIVES = (
    "cute little tiny big large huge simple clean modern happy funny new old nice lovely beautiful pretty fresh colorful "
    "bright soft detailed great friendly cool"
).split()
ENDINGS = (
    "for me", "there", "in this place", "now", "thanks", "on it", "to it", "instead", "clipart", "emoji",
    "illustration", "vector art", "icon", "drawing", "logo", "graphic", "picture", "image", "high quality", "detailed",
    "simple", "clean design", "for my page",
)  # fmt: skip
# Words that mean nothing either, strewn in anywhere.
FILLERS = (
    "the my your our some any this that very really just only also maybe like show place me us with for of in at near by to "
    "from and quality style design art drawing image graphic symbol object item thing"
).split()


@dataclass(frozen=True)
class Preset:
    id: str
    template: str
    negative: str


# The presets that name a style of the artwork, as shared/protocol/text/style-presets.ts words them.
STYLE_PRESETS = {
    "flat": Preset(
        "flat",
        "{prompt}, flat style, vector illustration, solid colours, simple shapes, clean edges",
        "photograph, texture, gradient, noise",
    ),
    "3d": Preset("3d", "{prompt}, 3d style, glossy rounded icon, soft light and shadow", "photograph, flat, line art"),
    "noto": Preset("emoji", "{prompt}, noto style, emoji, thick shapes, gentle gradients", "photograph, texture, noise"),
}
OPENED, DESCRIBED, ENDED, STREWN, MADE_UP = 0.4, 0.25, 0.3, 0.15, 0.25
DETERMINERS = ("one", "the", "some", "my", "this", "another")


@dataclass(frozen=True)
class Wording:
    before: str  # all of the prompt that comes before the thing, its article too
    thing: str
    after: str

    @property
    def text(self) -> str:
        return " ".join(part for part in (self.before, self.thing, self.after) if part).replace(" ,", ",")


class Wordings:
    """`words`: what made-up words are put together from."""

    def __init__(self, words: Iterable[str], rolls: random.Random):
        self.words = sorted({word for word in words if word.isascii() and word.isalpha() and len(word) > 2})
        self.random = rolls

    def around(self, thing: str, article: str) -> Wording:
        """`thing` without an article, and the one it takes, or ""."""
        roll, choose = self.random.random, self.random.choice
        before, after = [], []
        if roll() < OPENED:
            before.append(choose(OPENINGS))
        if roll() < 0.8:
            before.append(article if roll() < 0.8 else choose(DETERMINERS))
        if roll() < DESCRIBED:
            before.append(choose(ADJECTIVES))
        if roll() < ENDED:
            after.append(choose((", ", "")) + choose(ENDINGS))
        for chance, draw in ((STREWN, lambda: choose(FILLERS)), (MADE_UP, self.made_up)):
            while roll() < chance:
                if roll() < 0.6:
                    before.insert(self.random.randrange(len(before) + 1), draw())
                else:
                    after.insert(self.random.randrange(len(after) + 1), draw())
        return Wording(" ".join(part for part in before if part), thing, " ".join(after))

    def made_up(self) -> str:
        """The beginning of one word and the end of another, so that unknown words hold pieces of known ones."""
        if not self.words:
            return self.random.choice(FILLERS)
        first, second = self.random.choice(self.words), self.random.choice(self.words)
        return first[: self.random.randint(1, 3)] + second[-self.random.randint(2, 4) :]
